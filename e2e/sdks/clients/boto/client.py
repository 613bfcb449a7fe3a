"""client.py <endpoint> <bucket> <key>: prints the object for each line of stdin.

It uses the default credentials of boto 2.
"""

import sys
from urllib.parse import urlsplit

import boto.s3.connection as s3

endpoint, bucket, key = sys.argv[1:]
server = urlsplit(endpoint)
connection = s3.S3Connection(
    host=server.hostname,
    port=server.port,
    is_secure=server.scheme == "https",
    calling_format=s3.OrdinaryCallingFormat(),
)
for _ in sys.stdin:
    files = connection.get_bucket(bucket, validate=False)
    print(files.get_key(key, validate=False).get_contents_as_string(encoding="utf-8"), end="", flush=True)
