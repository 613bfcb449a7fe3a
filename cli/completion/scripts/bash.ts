/**
 * Completion for bash 3.2 and newer, without the package bash-completion. No word of the command line and no
 * answer is evaluated. bash splits words at `=`, `:` and `@` too; podrole gets them whole, and bash gets only
 * the part behind the last of these characters, with the `@` itself.
 */
export const bashScript = `# Completion of podrole for bash.
_podrole() {
  local line=\${COMP_LINE:0:COMP_POINT} words=() flag='' breaks='' head='' at out current candidate directive
  for ((at = 0; at <= COMP_CWORD; at++)); do
    if [[ $at == 0 || $line == [[:space:]]* ]]; then
      line=\${line#"\${line%%[![:space:]]*}"}
      words+=('')
    fi
    if [[ $at == "$COMP_CWORD" ]]; then current=$line; else current=\${COMP_WORDS[at]}; fi
    words[\${#words[@]}-1]+=$current
    line=\${line#"$current"}
  done
  current=\${words[\${#words[@]}-1]}
  COMPREPLY=()
  out=$(command podrole __complete "\${words[@]:1}" 2>/dev/null) || return
  [[ $current != -*=* ]] || flag=\${current%%=*}=
  for at in = : @; do [[ $COMP_WORDBREAKS != *"$at"* ]] || breaks+=$at; done
  [[ -z $breaks ]] || head=\${current%"\${current##*[$breaks]}"}
  head=\${head%@}
  while IFS= read -r candidate; do
    case $candidate in
      :*) directive=\${candidate#:} ;;
      *)
        candidate=$flag\${candidate%%$'\\t'*}
        COMPREPLY+=("\${candidate#"$head"}")
        ;;
    esac
  done <<<"$out"
  # Without a candidate, readline completes files, unless podrole says that none is wanted.
  case $directive in
    4) compopt +o default 2>/dev/null ;;
    16) compopt +o default -o dirnames 2>/dev/null ;;
  esac
  return 0
}
complete -o default -F _podrole podrole
`;
