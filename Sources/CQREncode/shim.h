// The system's libqrencode, as AnabranchCommand sees it.
#include <qrencode.h>
