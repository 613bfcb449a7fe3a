/** client.cjs <package> <endpoint> <bucket> <key>: prints the object, got by the default credentials of AWS SDK 2. */
const [name, endpoint, Bucket, Key] = process.argv.slice(2);
const { S3 } = require(name);

const s3 = new S3({ endpoint, s3ForcePathStyle: true });
s3.getObject({ Bucket, Key }, (error, object) => {
  if (error) throw error;
  process.stdout.write(object.Body);
});
