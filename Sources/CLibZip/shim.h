// The system's libzip, as AnabranchExchange sees it.
#include <zip.h>
