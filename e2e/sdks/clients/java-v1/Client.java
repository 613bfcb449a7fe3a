import com.amazonaws.client.builder.AwsClientBuilder.EndpointConfiguration;
import com.amazonaws.services.s3.AmazonS3ClientBuilder;
import com.amazonaws.util.IOUtils;
import java.util.Scanner;

/**
 * Client endpoint bucket key: prints the object for each line of stdin, with the default credentials of the
 * AWS SDK for Java 1.
 */
public class Client {
    public static void main(String[] args) throws Exception {
        var s3 = AmazonS3ClientBuilder.standard()
                .withEndpointConfiguration(new EndpointConfiguration(args[0], "us-east-1"))
                .withPathStyleAccessEnabled(true)
                .build();
        var lines = new Scanner(System.in);
        while (lines.hasNextLine()) {
            lines.nextLine();
            System.out.write(IOUtils.toByteArray(s3.getObject(args[1], args[2]).getObjectContent()));
            System.out.flush();
        }
    }
}
