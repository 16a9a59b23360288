/* SPDX-License-Identifier: MIT */
#include "src/script/secret_name.h"

#include <ctype.h>
#include <string.h>

#include "src/base/words.h"

void secret_squeeze(const char *key, char out[SECRET_NAME_MAX])
{
    size_t n = 0;
    for (; *key != '\0' && n + 1 < SECRET_NAME_MAX; key++) {
        if (isalnum((unsigned char)*key))
            out[n++] = (char)tolower((unsigned char)*key);
    }
    out[n] = '\0';
}

bool secret_named(const char *key)
{
    static const char *const parts[] = {"password",
                                        "passwd",
                                        "passphrase",
                                        "passcode",
                                        "passwort",
                                        "pwd",
                                        "secret",
                                        "token",
                                        "apikey",
                                        "appkey",
                                        "accesskey",
                                        "authkey",
                                        "privatekey",
                                        "sharedkey",
                                        "masterkey",
                                        "sessionkey",
                                        "subscriptionkey",
                                        "functionskey",
                                        "signingkey",
                                        "licensekey",
                                        "clientkey",
                                        "consumerkey",
                                        "credential",
                                        "signature",
                                        "sessionid",
                                        "sessid",
                                        "jwt",
                                        "authorization",
                                        "csrf",
                                        "xsrf",
                                        "cardnumber",
                                        NULL};
    static const char *const wholes[] = {
        "key",    "sig",       "tok", "tkn",  "auth", "pass", "hmac", "pw",   "sid",     "otp",
        "bearer", "assertion", "pin", "totp", "cvv",  "cvc",  "iban", "cred", "session", NULL};
    static const char *const harmless[] = {"tokentype", "maxtokens", "tokencount", "tokens", NULL};
    char name[SECRET_NAME_MAX];
    secret_squeeze(key, name);
    if (words_have(harmless, name))
        return false;
    for (size_t i = 0; parts[i] != NULL; i++) {
        if (strstr(name, parts[i]) != NULL)
            return true;
    }
    return words_have(wholes, name);
}

bool secret_named_header(const char *name)
{
    if (strncasecmp(name, "X-", 2) == 0)
        name += 2;
    return secret_named(name) || strcasestr(name, "cookie") != NULL;
}

bool secret_named_within(const char *text)
{
    char word[SECRET_NAME_MAX];
    while (*text != '\0') {
        size_t len = 0;
        for (; isalnum((unsigned char)text[len]) || text[len] == '_' || text[len] == '-'; len++)
            if (len + 1 < sizeof word)
                word[len] = text[len];
        word[len + 1 < sizeof word ? len : sizeof word - 1] = '\0';
        if (len > 0 && secret_named(word))
            return true;
        text += len > 0 ? len : 1;
    }
    return false;
}
