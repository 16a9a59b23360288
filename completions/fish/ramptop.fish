# SPDX-License-Identifier: MIT
# fish completion for ramptop

function __ramptop_levels
    for word in (commandline -opc)
        if string match -q '*.cfg' -- $word; and test -f $word
            sed -n '/^[[:space:]]*levels[[:space:]]*[=:]/,$ s/^[[:space:]]*\([A-Za-z_*][A-Za-z0-9_*-]*\)[[:space:]]*[=:][[:space:]]*{.*/\1/p' $word 2>/dev/null
        end
    end
end

complete -c ramptop -f
complete -c ramptop -n __fish_use_subcommand -a check -d 'Say what is wrong with a profile'
complete -c ramptop -n __fish_use_subcommand -a list -d 'Classes, shares, levels, endpoints'
complete -c ramptop -n __fish_use_subcommand -a bench -d 'Each endpoint alone'
complete -c ramptop -n __fish_use_subcommand -a limits -d 'Find and verify rate limits'
complete -c ramptop -n __fish_use_subcommand -a import -d 'A profile from a curl command or a recorded session'
complete -c ramptop -n __fish_use_subcommand -a new -d 'A profile to begin with'
complete -c ramptop -n '__fish_seen_subcommand_from import' -a 'curl har'
complete -c ramptop -n '__fish_seen_subcommand_from har' -k -a '(__fish_complete_suffix .har)'
complete -c ramptop -n __fish_use_subcommand -a demo -d 'Try it on the demo target'
complete -c ramptop -k -a '(__fish_complete_suffix .cfg)'

complete -c ramptop -s u -l users -x -d 'Users at once'
complete -c ramptop -s r -l spawn-rate -x -d 'Users started per second'
complete -c ramptop -s t -l run-time -x -d 'Stop after that time'
complete -c ramptop -s z -l duration -x -d 'The same as --run-time'
complete -c ramptop -s n -l requests -x -d 'Stop after exactly so many requests'
complete -c ramptop -l level -x -a '(__ramptop_levels)' -d 'Start with this level of the profile'
complete -c ramptop -l workers -x -d 'Threads that make load'
complete -c ramptop -l seed -x -d 'Repeat the same choices'
complete -c ramptop -s T -l tags -x -d 'Only tasks with one of these tags'
complete -c ramptop -s E -l exclude-tags -x -d 'No tasks with one of these tags'
complete -c ramptop -l equal-weights -d 'All classes and tasks weigh the same'
complete -c ramptop -l set -x -d 'Change a setting of the profile: key=value'
complete -c ramptop -l host -x -d 'This target instead of the profile\'s'
complete -c ramptop -s H -l header -x -d 'Add to every request'
complete -c ramptop -s m -s X -l method -x -a 'GET HEAD POST PUT PATCH DELETE OPTIONS' -d 'Method of a bare URL'
complete -c ramptop -s d -l data -r -d 'Body of a bare URL'
complete -c ramptop -s k -l insecure -d 'Accept any TLS certificate'
complete -c ramptop -l http2 -d 'Speak HTTP/2'
complete -c ramptop -s L -l location -d 'Follow redirects'
complete -c ramptop -l timeout -x -d 'Give a request up after that'
complete -c ramptop -l headless -d 'No console, even in a terminal'
complete -c ramptop -l quiet -d 'Headless: no table while running'
complete -c ramptop -l json -r -F -d 'Write the summary as JSON'
complete -c ramptop -l log -r -F -d 'Append messages to this file'
complete -c ramptop -l no-color -d 'Console without colours'
complete -c ramptop -l chars -x -a 'auto braille block ascii' -d 'Draw with'
complete -c ramptop -l probe -x -a 'docker: podman: postgres: pgbouncer: process:port= process:name= host redis: nginx: prometheus: promql:' -d 'Watch the target\'s resources too'
complete -c ramptop -l no-probes -d 'Watch nothing'
complete -c ramptop -l keep-running -d 'Go on headless after a hang-up'
complete -c ramptop -l concurrency -x -a '1,10,25,50' -d 'bench: so many at once, step by step'
complete -c ramptop -l only -x -d 'bench and limits: only these'
complete -c ramptop -l max-wait -x -d 'limits: longest wait for a limit to recover'
complete -c ramptop -l keep-secrets -d 'import: print passwords and tokens'
complete -c ramptop -l keep-host -x -d 'import har: requests to this host too'
complete -c ramptop -l keep-all-hosts -d 'import har: requests to every host'
complete -c ramptop -l keep-static -d 'import har: images, fonts, style sheets, scripts too'
complete -c ramptop -l serve -d 'Only the demo target'
complete -c ramptop -l port -x -d 'The demo target listens there'
complete -c ramptop -l servers -x -d 'Requests the demo target serves at once'
complete -c ramptop -l service-ms -x -d 'Mean service time of the demo target'
complete -c ramptop -l service -x -a 'const exp lognormal' -d 'Distribution of the service time'
complete -c ramptop -l queue -x -d 'Waiting requests beyond which 503'
complete -c ramptop -l truth -r -F -d 'Log each request as the target saw it'
complete -c ramptop -s h -l help -d 'Print the help'
complete -c ramptop -s V -l version -d 'Print the version'
