bashcomp_DATA = completions/bash/ramptop
zshcomp_DATA = completions/zsh/_ramptop
fishcomp_DATA = completions/fish/ramptop.fish
EXTRA_DIST += $(bashcomp_DATA) $(zshcomp_DATA) $(fishcomp_DATA)
