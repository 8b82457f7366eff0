public import AnabranchCore

extension LogHeader {
  private enum Tag {
    static let device: UInt8 = 1
    static let branch: UInt8 = 2
  }

  /// The canonical bytes: a tag, then the parts.
  public var canonicalBytes: [UInt8] {
    var writer = ByteWriter()
    switch self {
    case .device(let key, let nonce):
      writer.write(Tag.device)
      writer.write(key)
      writer.write(nonce)
    case .branch(let log, let first, let hash):
      writer.write(Tag.branch)
      writer.write(log.bytes)
      writer.write(fixed: first)
      writer.write(hash)
    }
    return writer.bytes
  }

  /// Reads a header, and nothing after it.
  public init(_ reader: inout ByteReader) throws(WireError) {
    let start = reader.position
    switch try reader.byte() {
    case Tag.device:
      self = .device(key: try reader.digest(), nonce: try reader.bytes16())
    case Tag.branch:
      self = .branch(
        of: LogID(try reader.bytes16()), first: try reader.fixed32(), hash: try reader.digest())
    case let other:
      throw WireError(.invalid, "expected a log header of kind 1 or 2, got \(other)", offset: start)
    }
  }

  /// What the first change of the log builds on.
  public var foundingHash: Digest {
    Hashing.hash(.log, canonicalBytes[...])
  }

  /// The log's name: the first half of its founding hash.
  public var log: LogID {
    LogID(foundingHash.head)
  }
}
