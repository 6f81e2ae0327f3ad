# One command a line, base64; the answer between two marks, with the exit code and the uptime.
stty -echo raw 2>/dev/null
stty -echo
printf 'SHELL-READY %s\n' "$(cut -d' ' -f1 /proc/uptime)"
while read -r row; do
    command=$(printf '%s' "$row" | base64 -d 2>/dev/null) || continue
    printf 'ANSWER-BEGINS\n'
    bash -c "$command" 2>&1 </dev/null
    printf '\nANSWER-ENDS %s\n' "$?"
done
