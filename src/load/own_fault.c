/* SPDX-License-Identifier: MIT */
#include "src/load/own_fault.h"

#include <errno.h>

enum fail own_fault(int error)
{
    switch (error) {
    case 0:
    case ECONNREFUSED:
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
    case ETIMEDOUT:
    case ENETUNREACH:
    case ENETRESET:
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case EPROTO:
    case EMSGSIZE:
    /* Not errors: the socket is not ready yet. */
    case EINTR:
    case EAGAIN:
    case EINPROGRESS:
    case EALREADY:
        return FAIL_NONE;
    case EADDRNOTAVAIL:
    case EADDRINUSE:
        return FAIL_CLIENT_PORTS;
    case EMFILE:
    case ENFILE:
        return FAIL_CLIENT_FDS;
    case ENOMEM:
    case ENOBUFS:
        return FAIL_CLIENT_MEMORY;
    case EACCES:
    case EPERM:
        return FAIL_CLIENT_DENIED;
    case EAFNOSUPPORT:
    case EPFNOSUPPORT:
    case EPROTONOSUPPORT:
    case ESOCKTNOSUPPORT:
    case ENETDOWN:
    case ENODEV:
    case ENONET:
        return FAIL_CLIENT_NETWORK;
    default:
        return FAIL_CLIENT_FAULT;
    }
}
