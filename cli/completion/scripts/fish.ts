/** Completion for fish 3.4 and newer. No word and no answer is evaluated. */
export const fishScript = `# Completion of podrole for fish.
function __podrole_complete
    set -l tokens (commandline -opc)
    set -l current (commandline -ct)
    set -l lines (command podrole __complete $tokens[2..] "$current" 2>/dev/null)
    or return
    set -l flag (string match -r -- '^-[^=]*=' "$current")
    switch $lines[-1]
        case ':0'
            test (count $lines) -gt 1
            or for path in (complete -C "'' "(string replace -- "$flag" '' "$current"))
                printf '%s%s\\n' "$flag" "$path"
            end
        case ':16'
            for path in (__fish_complete_directories (string replace -- "$flag" '' "$current"))
                printf '%s%s\\n' "$flag" "$path"
            end
    end
    for line in $lines[1..-2]
        printf '%s%s\\n' "$flag" "$line"
    end
end
complete -c podrole -f -a '(__podrole_complete)'
`;
