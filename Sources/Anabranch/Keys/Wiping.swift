#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// Overwrites `bytes`, a secret that is not needed any more, in a way that no compiler leaves out, and empties it. Copies that
/// Swift made elsewhere are not found by that.
package func wipe(_ bytes: inout [UInt8]) {
  bytes.withUnsafeMutableBytes { buffer in
    guard let start = buffer.baseAddress else { return }
    #if canImport(Darwin)
      memset_s(start, buffer.count, 0, buffer.count)
    #else
      explicit_bzero(start, buffer.count)
    #endif
  }
  bytes = []
}
