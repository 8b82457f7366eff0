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
    /// A block of a blob.
    case block = 10
    /// A blob: its length and the Merkle root over its blocks.
    case blob = 11
    /// The recovery key of a space, which names it.
    case space = 12
    /// What a recovery key signs.
    case recovery = 13
    /// What a device announces on a local network: only who knows the space and the device can tell whose it is.
    case announcement = 14
    /// An entry of a recording: only its first four bytes are kept, so that damage is noticed.
    case recording = 15
    /// An entry of a bundle, in the same way.
    case bundle = 16
    /// A value that a bundle has a pseudonym for, behind a key that nobody keeps.
    case pseudonym = 17
    /// A part of what a replica shows of a conversation, as a bundle tells it.
    case view = 18
  }

  /// The hash of `bytes` in `domain`.
  public static func hash(_ domain: Domain, _ bytes: ArraySlice<UInt8>) -> Digest {
    hash(domain) { $0.add(bytes) }
  }

  /// The hash of what `parts` adds, in `domain`.
  static func hash(_ domain: Domain, _ parts: (inout Parts) -> Void) -> Digest {
    withUnsafeTemporaryAllocation(byteCount: Parts.gatheredMax, alignment: 1) { buffer in
      var all = Parts(domain, gatheredIn: buffer)
      parts(&all)
      return all.digest()
    }
  }

  /// What is hashed, one part after the other. Small ones are gathered first: to call the hash function takes longer
  /// than to copy them.
  struct Parts {
    fileprivate static let gatheredMax = 256
    private var hasher = SHA256()
    private let gathered: UnsafeMutableRawBufferPointer
    private var count = 0

    fileprivate init(_ domain: Domain, gatheredIn buffer: UnsafeMutableRawBufferPointer) {
      gathered = buffer
      add(domain.rawValue)
    }

    mutating func add(_ byte: UInt8) {
      withUnsafeBytes(of: byte) { add($0) }
    }

    /// Four bytes, most significant first.
    mutating func add(fixed value: UInt32) {
      withUnsafeBytes(of: value.bigEndian) { add($0) }
    }

    mutating func add(_ bytes: ArraySlice<UInt8>) {
      bytes.withUnsafeBytes { add($0) }
    }

    mutating func add(_ bytes: Bytes16) {
      bytes.withUnsafeBytes { add($0) }
    }

    mutating func add(_ digest: Digest) {
      digest.withUnsafeBytes { add($0) }
    }

    private mutating func add(_ bytes: UnsafeRawBufferPointer) {
      if bytes.count > gathered.count - count { hashGathered() }
      guard bytes.count <= gathered.count else { return hasher.update(bufferPointer: bytes) }
      UnsafeMutableRawBufferPointer(rebasing: gathered[count...]).copyMemory(from: bytes)
      count += bytes.count
    }

    private mutating func hashGathered() {
      hasher.update(bufferPointer: UnsafeRawBufferPointer(rebasing: gathered[..<count]))
      count = 0
    }

    fileprivate mutating func digest() -> Digest {
      hashGathered()
      return hasher.finalize().withUnsafeBytes { bytes in
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
