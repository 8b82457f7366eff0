public import AnabranchCore

/// A change with its number and its hash: never altered again, except that content may be taken away.
public struct SealedChange: Hashable, Sendable {
  /// What it says.
  public let change: Change
  /// The hash that the next change of the log builds on.
  public let hash: Digest
  /// The canonical bytes, as stored and sent.
  public let bytes: [UInt8]
}

extension SealedChange {
  /// The same bytes, meaning `change`: what they say where logs have forked. See ``AnabranchCore/Change/named(_:among:place:end:)``.
  public func named(_ change: Change) -> SealedChange {
    SealedChange(change: change, hash: hash, bytes: bytes)
  }

  /// The version of the layout, its first byte.
  static let version: UInt8 = 1

  /// What is known of a change before its bytes.
  public struct Context: Hashable, Sendable {
    /// The log it stands in and its number there.
    public var id: ChangeID
    /// The hash of the change before it; for the first one, the log's founding hash.
    public var previous: Digest

    /// Change `id`, which follows the one with hash `previous`.
    public init(id: ChangeID, previous: Digest) {
      self.id = id
      self.previous = previous
    }

    /// The place after `head` in `log`; nil at the last sequence there is.
    public init?(after head: LogHead, in log: LogID) {
      let (next, overflow) = head.sequence.addingReportingOverflow(1)
      guard !overflow else { return nil }
      self.init(id: ChangeID(log: log, sequence: next), previous: head.hash)
    }
  }

  /// The hash of a change: over what came before, its number, its header and the root of its operations.
  static func hash(_ context: Context, header: ArraySlice<UInt8>, leaves: [Digest]) -> Digest {
    Hashing.hash(.change) { parts in
      parts.add(context.previous)
      parts.add(fixed: context.id.sequence)
      parts.add(fixed: UInt32(header.count))
      parts.add(header)
      parts.add(fixed: UInt32(leaves.count))
      parts.add(Hashing.merkleRoot(leaves))
    }
  }
}

extension Envelope {
  /// How a content is marked in the bytes.
  enum ContentTag {
    static let none: UInt8 = 0
    static let present: UInt8 = 1
    static let absent: UInt8 = 2
  }

  /// The leaf of an operation: its envelope up to the structure, whether it has content, and that content's hash.
  static func leaf(_ structure: ArraySlice<UInt8>, content: Digest?) -> Digest {
    Hashing.hash(.leaf) { parts in
      parts.add(structure)
      parts.add(content == nil ? ContentTag.none : ContentTag.present)
      if let content { parts.add(content) }
    }
  }
}
