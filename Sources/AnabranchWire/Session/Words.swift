public import AnabranchCore

/// What a device is writing and has not sealed: the operations of its open change, or what was added to them since
/// they were told last.
///
/// Ahead of the change and never in its place: nothing durable refers to words, and they say nothing once the change
/// that they are going to be part of is held.
public struct Words: Hashable, Sendable {
  /// What one operation does to a text so far.
  public struct Piece: Hashable, Sendable {
    /// The first identifier that the operation takes in the change.
    public var index: UInt32
    /// The message or the conversation whose text it is.
    public var object: ObjectID
    /// Which text of it.
    public var text: TextKind
    /// What its writer had seen of the text.
    public var predecessors: [OperationID]
    /// All that is done to the text, run-length encoded, at least one.
    public var edits: [TextEdit]
    /// How many scalars of those that the edits insert were told before.
    public var start: UInt32
    /// The others.
    public var inserted: String

    /// A piece of those parts.
    public init(
      index: UInt32, object: ObjectID, text: TextKind, predecessors: [OperationID], edits: [TextEdit],
      start: UInt32 = 0, inserted: String
    ) {
      self.index = index
      self.object = object
      self.text = text
      self.predecessors = predecessors
      self.edits = edits
      self.start = start
      self.inserted = inserted
    }
  }

  /// The key of the device that writes.
  public var device: Digest
  /// The change that they are going to be part of.
  public var change: ChangeID
  /// Greater than that of all words of the same change that its device told before; at least 1.
  public var counter: UInt64
  /// The operations, in ascending order of their indices; at least one.
  public var pieces: [Piece]

  /// Words of `device`, which are going to be part of `change`.
  public init(device: Digest, change: ChangeID, counter: UInt64, pieces: [Piece]) {
    self.device = device
    self.change = change
    self.counter = counter
    self.pieces = pieces
  }
}

extension Words {
  /// All that `open`, the open change of `device`, does to texts; nil where that is nothing. O(operations).
  public init?(_ open: OpenChange, device: Digest, counter: UInt64) {
    self.init(device: device, change: open.id, counter: counter, pieces: [])
    var index: UInt32 = 0
    for draft in open.drafts {
      defer { index += draft.span }
      let id = OperationID(log: open.id.log, sequence: open.id.sequence, index: index)
      guard let object = draft.target, let text = draft.mutation.text,
        let operation = TextOperation(draft.mutation, id: id, content: draft.content), !operation.edits.isEmpty,
        let inserted = operation.inserted.flatMap({ String(utf8: $0) })
      else { continue }
      pieces.append(
        Piece(
          index: index, object: object, text: text, predecessors: operation.predecessors, edits: operation.edits,
          inserted: inserted))
    }
    if pieces.isEmpty { return nil }
  }

  /// The later of two words of one log has the later change, or the greater counter.
  public func isLater(than other: Words) -> Bool {
    (change.sequence, counter) > (other.change.sequence, other.counter)
  }

  /// What they count to against ``Limits/wordsBytesMax``, as an open change counts it. O(pieces).
  public var weight: Int {
    pieces.reduce(0) { sum, piece in
      sum + 128 + piece.inserted.utf8.count + piece.edits.count * 10 + piece.predecessors.count * 32
    }
  }
}
