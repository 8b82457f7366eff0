internal import Foundation

internal import struct Crypto.SymmetricKey

/// What a person remembers, or a file of theirs has, to open the device's key with.
///
/// Two texts that differ only in how Unicode writes them are one passphrase: it is normalised to NFC, as RFC 8265 has it for
/// passwords. Where it is kept in memory, that is overwritten when nobody has it any more; of one that is not ASCII, copies that
/// normalising made are left to the system.
public struct Passphrase: Sendable, Equatable {
  /// Bytes of a passphrase, as UTF-8 in NFC.
  public static let bytesMax = 1_024

  /// Never empty: the function that stretches it takes no empty one.
  let bytes: SymmetricKey

  /// The passphrase that `text` is.
  ///
  /// Throws ``AnabranchError/Code/invalid`` where it is empty, longer than ``bytesMax`` or has control characters in it, such as
  /// the end of a line: nobody could type it.
  public init(_ text: String) throws(AnabranchError) {
    try self.init(utf8: Array(text.utf8))
  }

  /// The passphrase that `utf8` says; the caller overwrites these. Throws as ``init(_:)``, and for what is not UTF-8.
  public init(utf8: [UInt8]) throws(AnabranchError) {
    guard utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw AnabranchError(
        .invalid, "expected a passphrase of one line, got one with control characters in it",
        remedy: "choose another one")
    }
    var normal = utf8.allSatisfy { $0 < 0x80 } ? utf8 : try Self.normalised(utf8)
    defer { wipe(&normal) }
    guard !normal.isEmpty, normal.count <= Self.bytesMax else {
      throw AnabranchError(
        .invalid, "expected a passphrase of 1 to \(Self.bytesMax) bytes, got \(normal.count)",
        remedy: "choose another one")
    }
    bytes = SymmetricKey(data: normal)
  }

  private static func normalised(_ utf8: [UInt8]) throws(AnabranchError) -> [UInt8] {
    // What is far too long is not worth the work.
    guard utf8.count <= 4 * bytesMax, let text = String(validating: utf8, as: UTF8.self) else {
      throw AnabranchError(
        .invalid, "expected a passphrase of at most \(bytesMax) bytes in UTF-8", remedy: "choose another one")
    }
    return Array(text.precomposedStringWithCanonicalMapping.utf8)
  }
}
