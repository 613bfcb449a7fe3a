/** Limits of one run of the script. */
export const PROBE_LIMITS = {
  /** Time in which it must end. */
  timeoutMs: 60_000,
  /** Bytes of its output. */
  maxBytes: 256 * 1024,
} as const;

/**
 * Script that prints the names of AWS SDKs in a container, one per line: a word, a tab, and a path or a line
 * of a file. It reads names of files, the list of modules in Go programs that run, and a few small files. It
 * starts nothing of the container but sh, find, grep, head, tr, sort and readlink, changes nothing, sends
 * nothing, and does not look at variables. Its own limits: 20 seconds of CPU time, one file system, 128 MiB
 * of each of twenty files, and some 600 lines. Its last line is `end`. Its argument is the folder to look
 * through: empty for the root of the container.
 */
export const PROBE_SCRIPT = String.raw`
ulimit -t 20 2>/dev/null
root=$1
tab=$(printf '\t')
first_match() { grep -m 1 -o "$2" "$1" 2>/dev/null | head -c 200; }
for tool in find grep head tr sort; do
  command -v "$tool" >/dev/null 2>&1 || echo "missing$tab$tool"
done
find "$root/" -xdev \( -path "$root/proc" -o -path "$root/sys" -o -path "$root/dev" \) -prune -o \( \
  -name 'botocore-*' -o -name 'boto3-*' -o -name 'boto-*' -o -name 'awscli-*' -o -name 's3cmd-*' \
  -o -name 'aws-java-sdk-core-*.jar' -o -name 'aws-java-sdk-bundle-*.jar' -o -name 'sdk-core-2.*.jar' \
  -o -name 'sts-2.*.jar' -o -name 'bundle-2.*.jar' -o -name 'aws-java-sdk-sts-*.jar' \
  -o -name 'aws-sdk-core-*.gemspec' -o -name 'libaws-cpp-sdk-core.so*' -o -name 'AWSSDK.Core.dll' \
  -o -path '*/aws-cli/v2/[0-9]*' -o -path '*/node_modules/aws-sdk/package.json' \
  -o -path '*/@aws-sdk/credential-provider-node/package.json' -o -path '*/aws-sdk-php/src/Sdk.php' -o -name '*.deps.json' \
  \) -print 2>/dev/null | head -n 300 | while IFS= read -r path; do
  case $path in
    */package.json)
      name=$(first_match "$path" '"name" *: *"[^"]*"')
      echo "node$tab$name $(first_match "$path" '"version" *: *"[^"]*"')" ;;
    */Sdk.php) echo "php$tab$(first_match "$path" "const VERSION = '[^']*'")" ;;
    *.deps.json) echo "net$tab$(first_match "$path" 'AWSSDK\.Core/[0-9.]*')" ;;
    *) echo "file$tab$path" ;;
  esac
done
find "$root/" -xdev \( -path "$root/proc" -o -path "$root/sys" -o -path "$root/dev" \) -prune \
  -o -type f -name '*.jar' -size +1000k -print 2>/dev/null | head -n 10 | while IFS= read -r jar; do
  head -c 134217728 "$jar" 2>/dev/null | LC_ALL=C tr -c '\040-\176' '\n' \
    | LC_ALL=C grep -o -E '(aws-java-sdk-core|aws-java-sdk-sts|sdk-core|sts|bundle)-[0-9][0-9.]*\.jar|META-INF/maven/(com\.amazonaws/aws-java-sdk-core|software\.amazon\.awssdk/sdk-core)/pom\.properties' \
    | sort -u | head -n 10 | while IFS= read -r entry; do echo "jar$tab$entry"; done
done
for exe in "$root"/proc/[0-9]*/exe; do
  target=$(readlink "$exe" 2>/dev/null) && echo "$target$tab$exe"
done 2>/dev/null | sort -u -t "$tab" -k 1,1 | head -n 10 | while IFS="$tab" read -r target exe; do
  head -c 134217728 "$exe" 2>/dev/null | LC_ALL=C tr -c '\011\040-\176' '\n' \
    | LC_ALL=C grep -E "^(dep|mod)$tab(github\.com/(aws/aws-sdk-go|aws/aws-sdk-go-v2|aws/aws-sdk-go-v2/(config|credentials)|rclone/rclone)$tab)|^.{0,20}Go buildinf:" \
    | sort -u | head -n 10 | while IFS= read -r line; do echo "go$tab$line"; done
done
for list in "$root/var/lib/dpkg/status" "$root/lib/apk/db/installed"; do
  [ -r "$list" ] && grep -A 8 -E '^(Package: |P:)(rclone|s3cmd|awscli|aws-cli)$' "$list" 2>/dev/null \
    | grep -E '^(Package: |P:|Version: |V:)' | head -n 20 | while IFS= read -r line; do echo "package$tab$line"; done
done
echo end
`;
