# SPDX-License-Identifier: MIT
# C sources without comments and without what their literals hold, as lines FILE:LINE: TEXT.
FNR == 1 { in_comment = 0 }
{
    rest = $0
    text = ""
    while (rest != "") {
        if (in_comment) {
            if (!(end = index(rest, "*/")))
                break
            in_comment = 0
            rest = substr(rest, end + 2)
            continue
        }
        if (!match(rest, /"(\\.|[^"\\])*"|'(\\.|[^'\\])*'|\/\*|\/\//)) {
            text = text rest
            break
        }
        token = substr(rest, RSTART, RLENGTH)
        text = text substr(rest, 1, RSTART - 1)
        rest = substr(rest, RSTART + RLENGTH)
        if (token == "//")
            break
        if (token == "/*") {
            in_comment = 1
            text = text " "
        } else {
            text = text substr(token, 1, 1) substr(token, 1, 1)
        }
    }
    if (text ~ /[^ ]/)
        print FILENAME ":" FNR ": " text
}
