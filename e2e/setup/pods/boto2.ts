/**
 * Python that fetches container credentials itself and hands them to boto 2, which does not know them. A
 * program of boto 2's age can do so.
 * @param url expression of Python: address of the credentials
 * @param headers expression of Python: what is sent with it
 */
export function handToBoto2(url: string, headers = '{}'): string {
  return `
import json, os, runpy, urllib.request
request = urllib.request.Request(${url}, headers=${headers})
with urllib.request.urlopen(request) as answer:
    keys = json.load(answer)
os.environ["AWS_ACCESS_KEY_ID"] = keys["AccessKeyId"]
os.environ["AWS_SECRET_ACCESS_KEY"] = keys["SecretAccessKey"]
os.environ["AWS_SECURITY_TOKEN"] = keys["Token"]
runpy.run_path("/client.py", run_name="__main__")
`;
}
