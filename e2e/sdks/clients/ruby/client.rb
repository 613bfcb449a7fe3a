# client.rb <endpoint> <bucket> <key>: prints the object for each line of stdin, with the default credentials
# of the AWS SDK for Ruby.
require 'aws-sdk-s3'

endpoint, bucket, key = ARGV
$stdout.sync = true
s3 = Aws::S3::Client.new(endpoint: endpoint, force_path_style: true)
$stdin.each_line { $stdout.write(s3.get_object(bucket: bucket, key: key).body.read) }
