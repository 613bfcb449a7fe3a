"""client.py <endpoint> <bucket> <key>: prints the object, got by the default credentials of boto3."""

import sys

import boto3
from botocore.config import Config

endpoint, bucket, key = sys.argv[1:]
s3 = boto3.client("s3", endpoint_url=endpoint, config=Config(s3={"addressing_style": "path"}))
sys.stdout.buffer.write(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
