"""client.py <endpoint, may be empty> <bucket> <key>: prints the object for each line of stdin.

It uses the default credentials of boto3.
"""

import sys

import boto3
from botocore.config import Config

endpoint, bucket, key = sys.argv[1:]
s3 = boto3.client("s3", endpoint_url=endpoint or None, config=Config(s3={"addressing_style": "path"}))
for _ in sys.stdin:
    print(s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode(), end="", flush=True)
