// go-v2 <endpoint> <bucket> <key>: prints the object for each line of stdin, with the default credentials of
// the AWS SDK for Go 2.
package main

import (
	"bufio"
	"context"
	"io"
	"log"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

func main() {
	log.SetFlags(0)
	endpoint, bucket, key := os.Args[1], os.Args[2], os.Args[3]
	ctx := context.Background()
	configured, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		log.Fatal(err)
	}
	client := s3.NewFromConfig(configured, func(options *s3.Options) {
		options.BaseEndpoint = &endpoint
		options.UsePathStyle = true
	})
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		object, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
		if err != nil {
			log.Fatal(err)
		}
		if _, err := io.Copy(os.Stdout, object.Body); err != nil {
			log.Fatal(err)
		}
	}
}
