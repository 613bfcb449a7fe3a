/** Completion for zsh, as a file of fpath and for `source`. No word and no answer is evaluated. */
export const zshScript = `#compdef podrole
# Completion of podrole for zsh.
_podrole() {
  local -a lines=() candidates=() shown=()
  local out line directive tab=$'\\t'
  out=$(command podrole __complete "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null) || return 1
  lines=("\${(@f)out}")
  for line in "\${lines[@]}"; do
    if [[ $line == :* ]]; then
      directive=\${line#:}
      continue
    fi
    candidates+=("\${line%%$tab*}")
    if [[ $line == *$tab* ]]; then
      shown+=("\${line%%$tab*}  -- \${line#*$tab}")
    else
      shown+=("$line")
    fi
  done
  if [[ $PREFIX == -*=* ]]; then
    IPREFIX+=\${PREFIX%%=*}=
    PREFIX=\${PREFIX#*=}
  fi
  if (( \${#candidates} )); then
    compadd -l -d shown -a candidates
  elif [[ $directive == 0 ]]; then
    _files
  elif [[ $directive == 16 ]]; then
    _files -/
  else
    return 1
  fi
}
if [[ $funcstack[1] == _podrole ]]; then
  _podrole "$@"
else
  compdef _podrole podrole
fi
`;
