import java.net.URI;
import java.util.Scanner;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Client endpoint bucket key: prints the object for each line of stdin, with the default credentials of the
 * AWS SDK for Java 2.
 */
public class Client {
    public static void main(String[] args) throws Exception {
        var s3 = S3Client.builder().endpointOverride(URI.create(args[0])).forcePathStyle(true).build();
        var lines = new Scanner(System.in);
        while (lines.hasNextLine()) {
            lines.nextLine();
            System.out.write(s3.getObjectAsBytes(object -> object.bucket(args[1]).key(args[2])).asByteArray());
            System.out.flush();
        }
    }
}
