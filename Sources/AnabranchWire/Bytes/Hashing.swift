public import AnabranchCore

internal import struct Crypto.SHA256

/// SHA-256, with a first byte that keeps apart what the hash stands for.
///
/// So no bytes that were hashed as one thing can ever be taken for another (RFC 6962, §2.1, does the same for
/// leaves and nodes).
public enum Hashing {
  /// What a hash stands for; the raw value is the first byte hashed.
  public enum Domain: UInt8, Sendable {
    /// An operation: a leaf of its change's tree.
    case leaf = 0
    /// Two nodes of a tree.
    case node = 1
    /// A salt and a content.
    case content = 2
    /// A change.
    case change = 3
    /// The header of a log.
    case log = 4
    /// The name of an imported object.
    case imported = 5
    /// An item of the state.
    case state = 6
    /// A head, as it is signed.
    case head = 7
    /// All heads of a replica.
    case heads = 8
    /// A state: a semantics level and the sum over all items.
    case total = 9
  }

  /// The hash of `bytes` in `domain`.
  public static func hash(_ domain: Domain, _ bytes: ArraySlice<UInt8>) -> Digest {
    hash(domain) { $0.add(bytes) }
  }

  /// The hash of what `parts` adds, in `domain`.
  static func hash(_ domain: Domain, _ parts: (inout Parts) -> Void) -> Digest {
    var all = Parts(domain)
    parts(&all)
    return all.digest
  }

  /// What is hashed, one part after the other.
  struct Parts {
    private var hasher = SHA256()

    fileprivate init(_ domain: Domain) {
      add(domain.rawValue)
    }

    mutating func add(_ byte: UInt8) {
      withUnsafeBytes(of: byte) { hasher.update(bufferPointer: $0) }
    }

    /// Four bytes, most significant first.
    mutating func add(fixed value: UInt32) {
      withUnsafeBytes(of: value.bigEndian) { hasher.update(bufferPointer: $0) }
    }

    mutating func add(_ bytes: ArraySlice<UInt8>) {
      bytes.withUnsafeBytes { hasher.update(bufferPointer: $0) }
    }

    mutating func add(_ bytes: Bytes16) {
      bytes.withUnsafeBytes { hasher.update(bufferPointer: $0) }
    }

    mutating func add(_ digest: Digest) {
      digest.withUnsafeBytes { hasher.update(bufferPointer: $0) }
    }

    fileprivate var digest: Digest {
      hasher.finalize().withUnsafeBytes { bytes in
        func word(_ index: Int) -> UInt64 {
          UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
        }
        return Digest(
          head: Bytes16(high: word(0), low: word(1)), tail: Bytes16(high: word(2), low: word(3)))
      }
    }
  }

  /// What an operation commits to of its content: H(salt ‖ bytes).
  public static func content(salt: Bytes16, bytes: ArraySlice<UInt8>) -> Digest {
    hash(.content) { parts in
      parts.add(salt)
      parts.add(bytes)
    }
  }

  /// The Merkle root over `leaves`; a single leaf is its own root, none give zero.
  ///
  /// Neighbours are hashed in pairs, level by level; an odd one moves up as it is. That is the tree of RFC 6962.
  /// O(leaves).
  public static func merkleRoot(_ leaves: [Digest]) -> Digest {
    var level = leaves
    while level.count > 1 {
      var next: [Digest] = []
      next.reserveCapacity((level.count + 1) / 2)
      for index in stride(from: 0, to: level.count - 1, by: 2) {
        next.append(
          hash(.node) { parts in
            parts.add(level[index])
            parts.add(level[index + 1])
          })
      }
      if !level.count.isMultiple(of: 2), let odd = level.last { next.append(odd) }
      level = next
    }
    return level.first ?? .zero
  }

  /// The identifier of an object that was imported from `source`, where it is called `path`.
  ///
  /// A conversation's path is its identifier; a message's, the conversation's and its own.
  public static func imported(source: String, path: [String]) -> Bytes16 {
    var writer = ByteWriter()
    writer.write(counted: Array(source.utf8))
    for part in path { writer.write(counted: Array(part.utf8)) }
    return hash(.imported, writer.bytes[...]).head
  }
}
