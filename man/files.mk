# none yet
dist_man_MANS += man/ramptop.cfg.5
