// go-v1 <endpoint> <bucket> <key>: prints the object for each line of stdin, with the default credentials of
// the AWS SDK for Go 1.
package main

import (
	"bufio"
	"io"
	"log"
	"os"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/s3"
)

func main() {
	log.SetFlags(0)
	endpoint, bucket, key := os.Args[1], os.Args[2], os.Args[3]
	configured, err := session.NewSession(&aws.Config{Endpoint: &endpoint, S3ForcePathStyle: aws.Bool(true)})
	if err != nil {
		log.Fatal(err)
	}
	client := s3.New(configured)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		object, err := client.GetObject(&s3.GetObjectInput{Bucket: &bucket, Key: &key})
		if err != nil {
			log.Fatal(err)
		}
		if _, err := io.Copy(os.Stdout, object.Body); err != nil {
			log.Fatal(err)
		}
	}
}
