/**
 * Completion for PowerShell 5.1 and newer. The empty word that comes next is not passed on: some versions
 * drop it.
 */
export const powershellScript = `# Completion of podrole for PowerShell.
Register-ArgumentCompleter -Native -CommandName podrole -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
        Select-Object -Skip 1 |
        ForEach-Object { $_.Extent.Text })
    $flag = ''
    if ($wordToComplete -eq '') {
        $lines = @(& podrole __completeNext @words 2>$null)
    } else {
        $lines = @(& podrole __complete @words 2>$null)
        if ($wordToComplete -match '^-[^=]*=') { $flag = $Matches[0] }
    }
    if ($lines.Count -eq 0) { return }
    $candidates = @($lines | Select-Object -SkipLast 1)
    foreach ($line in $candidates) {
        $value, $description = $line -split [char]9, 2
        if (-not $description) { $description = $value }
        [System.Management.Automation.CompletionResult]::new("$flag$value", $value, 'ParameterValue', $description)
    }
    # Without a result, PowerShell completes files.
    if ($candidates.Count -eq 0 -and $lines[-1] -eq ':4') { '' }
}
`;
