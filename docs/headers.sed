# The headers as doxygen is to see them, line for line; for sed -E.

# A twin has the parameters and results of the function that it is the twin of.
s|^/\*\* UTF-16 twin of (tin_[a-z0-9_]+)\(\)([;.].*) \*/$|/** UTF-16 twin of \1()\2 \\copydetails \1() */|

# The enumerators, each with its sentence, from the list that they grow from.
/^    X\(TIN_/ {
    G
    s|^    X\((TIN_[A-Z_]+), "([^"]*)"\)([^\n]*)\n(.*)$|\4 \1, /**< \2. */|
    h
    s|.*||
}
/^    TIN_ERROR_MAP\(TIN_ERROR_ENUMERATOR_\)$/ {
    g
}
/TIN_ERROR_ENUMERATOR_/ s|.*||

# A twin's members are those of the struct that it is the twin of.
/^typedef struct tin_[a-z0-9_]+_w \{$/,/^\}/ s|^(    [^/]*;)$|\1 /**< As in the UTF-8 twin. */|

# The generic-text names.
s|^#define (tin_[a-z0-9_]+)_t \1(_w)?$|& /**< \1, or \1_w where UNICODE is defined. */|
