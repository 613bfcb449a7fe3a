/**
 * client.cjs <package> <endpoint> <bucket> <key>: prints the object for each line of stdin, with the default
 * credentials of AWS SDK 2.
 */
const { createInterface } = require('node:readline');

const [name, endpoint, Bucket, Key] = process.argv.slice(2);
const { S3 } = require(name);

const s3 = new S3({ endpoint, s3ForcePathStyle: true });
createInterface({ input: process.stdin }).on('line', () => {
  s3.getObject({ Bucket, Key }, (error, object) => {
    if (error) throw error;
    process.stdout.write(object.Body);
  });
});
