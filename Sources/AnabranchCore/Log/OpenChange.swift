/// The change a device is still writing: durable operation by operation, numbered and hashed when it is sealed.
///
/// So typing and streaming cost about their own bytes: the parts of an answer that follow each other become one
/// operation, and one change has one header and one hash however many strokes it took. Identifiers are given at
/// once and stay: joined parts take the identifiers they had apart.
public struct OpenChange: Hashable, Sendable {
  /// The log it is written to and the sequence it will have.
  public let id: ChangeID
  /// When its first operation was made.
  public let time: HybridTime
  /// What the wall clock showed then, milliseconds since 1970.
  public let wall: Int64
  /// The first sequence of the action it belongs to.
  public let action: UInt32
  /// Its operations so far, in order.
  public private(set) var drafts: [Draft]
  /// The next free identifier.
  public private(set) var nextIndex: UInt32
  /// The first identifier of the last operation.
  private var lastIndex: UInt32
  /// Bytes of content and structure so far, roughly.
  public private(set) var bytes: Int

  /// An open change without operations.
  public init(id: ChangeID, time: HybridTime, wall: Int64, action: UInt32) {
    self.id = id
    self.time = time
    self.wall = wall
    self.action = action
    drafts = []
    nextIndex = 0
    lastIndex = 0
    bytes = 0
  }

  /// An open change is sealed after this long without another operation, in milliseconds.
  public static let restMsMax: Int64 = 2_000
  /// An open change is sealed once it has this many bytes.
  public static let bytesMax = 64 * 1024
  /// Roughly what an operation costs beside its content.
  private static let operationOverhead = 32

  /// Adds `draft` and returns the index of its first identifier.
  ///
  /// Text that follows the text added last, in the same message, joins it. Amortised O(content).
  public mutating func append(_ draft: Draft) -> UInt32 {
    let index = nextIndex
    nextIndex += draft.span
    bytes += (draft.content.bytes?.count ?? 0) + Self.operationOverhead
    let last = OperationID(log: id.log, sequence: id.sequence, index: lastIndex)
    if let joined = drafts.last?.joined(with: draft, named: last) {
      drafts[drafts.count - 1] = joined
    } else {
      drafts.append(draft)
      lastIndex = index
    }
    return index
  }

  /// Whether it is large enough to be sealed at once.
  public var isFull: Bool {
    bytes >= Self.bytesMax
  }
}

extension Draft {
  /// This append, which is `name`, and the one right after it as a single operation; nil where `next` is no
  /// such append.
  ///
  /// The joined text keeps this draft's salt: both drafts are local and unsealed, so no hash has used it yet.
  fileprivate func joined(with next: Draft, named name: OperationID) -> Draft? {
    guard case .appendText(let first) = mutation, case .appendText(let second) = next.mutation,
      target == next.target, first.length > 0, second.length > 0,
      second.predecessors == [name], second.position == first.position + first.length,
      case .present(let salt, let head) = content, case .present(_, let tail) = next.content
    else { return nil }
    var joined = self
    joined.mutation = .appendText(
      AppendText(
        predecessors: first.predecessors, position: first.position, length: first.length + second.length))
    joined.content = .present(salt: salt, bytes: head + tail)
    return joined
  }
}
