// The system's zlib, as AnabranchStore sees it.
#include <zlib.h>
