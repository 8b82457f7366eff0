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
  /// An open change is sealed that long after its first operation also where no rest comes, in milliseconds: so that
  /// what streams for minutes is durable elsewhere in portions.
  public static let ageMsMax: Int64 = 5 * restMsMax
  /// An open change is sealed once it has this many bytes.
  public static let bytesMax = 64 * 1024
  /// What an operation costs at most beside its content and what its structure lists: 29 bytes of kind, target,
  /// span and lengths, 16 of salt and 61 of the rest of a structure, rounded up.
  private static let operationOverhead = 128

  /// Adds `draft` and returns the index of its first identifier.
  ///
  /// Text that follows the text added last, in the same message, joins it, and so do edits of the same text that
  /// follow those added last: up to ``bytesMax`` in one operation. Edits that joined go by the name of the operation
  /// they joined. Amortised O(content).
  public mutating func append(_ draft: Draft) -> UInt32 {
    let index = nextIndex
    bytes += draft.content.bytes?.count ?? 0
    let last = OperationID(log: id.log, sequence: id.sequence, index: lastIndex)
    if !drafts.isEmpty, let added = drafts[drafts.count - 1].join(draft, named: last) {
      bytes += added.bytes
      nextIndex += added.identifiers
      return added.identifiers > 0 ? index : lastIndex
    }
    bytes += Self.operationOverhead + draft.mutation.listedBytesMax
    nextIndex += draft.span
    drafts.append(draft)
    lastIndex = index
    return index
  }

  /// Whether it is large enough to be sealed at once.
  public var isFull: Bool {
    bytes >= Self.bytesMax
  }
}

extension Draft {
  /// The same in another open change, where the operations of `old` have the same indices in `new`. An open change has edits of
  /// texts only, which name others in their predecessors.
  public func moved(from old: ChangeID, to new: ChangeID) -> Draft {
    func name(_ operation: OperationID) -> OperationID {
      guard operation.change == old else { return operation }
      return OperationID(log: new.log, sequence: new.sequence, index: operation.index)
    }
    var moved = self
    switch mutation {
    case .appendText(var append):
      append.predecessors = append.predecessors.map(name)
      moved.mutation = .appendText(append)
    case .editText(var edit):
      edit.predecessors = edit.predecessors.map(name)
      moved.mutation = .editText(edit)
    default: break
    }
    return moved
  }

  /// What an operation that grew takes beside its content.
  fileprivate typealias Growth = (identifiers: UInt32, bytes: Int)

  /// Makes this draft, which is `name`, and the one right after it a single operation; nil, and nothing is changed,
  /// where `next` does not follow it, or the content would be longer than an open change.
  ///
  /// The joined text keeps this draft's salt: both drafts are local and unsealed, so no hash has used it yet.
  fileprivate mutating func join(_ next: Draft, named name: OperationID) -> Growth? {
    guard target == next.target, (content.bytes?.count ?? 0) + (next.content.bytes?.count ?? 0) <= OpenChange.bytesMax
    else { return nil }
    switch next.mutation {
    case .appendText(let second):
      guard case .appendText(let first) = mutation, first.length > 0, second.length > 0,
        second.predecessors == [name], second.position == first.position + first.length, take(next.content)
      else { return nil }
      mutation = .appendText(
        AppendText(
          predecessors: first.predecessors, position: first.position, length: first.length + second.length))
      return (second.length, 0)
    case .editText(let second):
      guard case .editText(var first) = mutation, first.text == second.text, second.predecessors.count == 1,
        second.predecessors[0] == name, take(next.content)
      else { return nil }
      let count = first.edits.count
      // So that the edits are held once and grow in place.
      mutation = .unknown
      for edit in second.edits { first.edits.add(edit) }
      mutation = .editText(first)
      return (0, (first.edits.count - count) * Mutation.editBytesMax)
    default:
      return nil
    }
  }

  /// Puts what `next` says at the end of the content; false, and nothing is changed, where either is absent.
  private mutating func take(_ next: Content) -> Bool {
    switch next {
    case .none:
      return true
    case .absent:
      return false
    case .present(_, let tail):
      if case .none = content {
        content = next
      } else {
        guard case .present(let salt, var text) = content else { return false }
        // So that the text is held once and grows in place.
        content = .none
        text.append(contentsOf: tail)
        content = .present(salt: salt, bytes: text)
      }
      return true
    }
  }
}
