dist_man_MANS += man/ramptop.1 man/ramptop.cfg.5 man/ramptop-demo.5 man/ramptop-recording.5
