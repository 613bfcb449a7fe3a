"""client.py [--every <seconds>]: lists a bucket with the default credentials of boto 2.

It prints its identity and the list as JSON. Its variables are S3_ENDPOINT, a URL, and S3_BUCKET. With --every it
repeats that until it is ended, and prints one line per failure. Each line has its time in milliseconds, `at`.
"""

import argparse
import json
import os
import sys
import time
from urllib.parse import urlsplit

import boto
import boto.s3.connection as s3
import boto.utils

ROLES = "meta-data/iam/security-credentials/"

# The default is one attempt of one second: a pod that starts on a busy machine may need more.
if not boto.config.has_section("Boto"):
    boto.config.add_section("Boto")
boto.config.set("Boto", "metadata_service_timeout", "20")
boto.config.set("Boto", "metadata_service_num_attempts", "3")


def list_bucket():
    server = urlsplit(os.environ["S3_ENDPOINT"])
    connection = s3.S3Connection(
        host=server.hostname,
        port=server.port,
        is_secure=server.scheme == "https",
        calling_format=s3.OrdinaryCallingFormat(),
    )
    bucket = connection.get_bucket(os.environ["S3_BUCKET"], validate=False)
    keys = [key.name for key in bucket.list()]
    roles = boto.utils.get_instance_metadata(data=ROLES, timeout=5, num_retries=1)
    return {"role": next(iter(roles), None), "accessKeyId": connection.access_key, "keys": keys}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--every", type=float, metavar="seconds")
    every = parser.parse_args().every
    while True:
        time_of_call = {} if every is None else {"at": round(time.time() * 1000)}
        try:
            print(json.dumps({**time_of_call, **list_bucket()}), flush=True)
        except Exception as error:
            if every is None:
                sys.exit(f"{type(error).__name__}: {error}")
            failed = {"error": type(error).__name__, "message": str(error)}
            print(json.dumps({**time_of_call, **failed}), flush=True)
        if every is None:
            return
        time.sleep(every)


main()
