internal import AnabranchCore
internal import AnabranchWire

/// The input says where in a log the change stands, by one byte, and then is its bytes. The same bytes are read as a draft, and
/// as each content.
///
/// Promised: a change that is read is the one those bytes are the only form of; it can be sealed again; taking contents away
/// changes neither its hash nor anything else; and what its edits make of a text does not depend on the order they come in.
enum ChangesTarget {
  /// Where a change may stand: at the ends of what its references can reach back, and in between.
  static let sequences: [UInt32] = [1, 2, 300, .max]

  static func context(_ choice: UInt8) -> SealedChange.Context {
    SealedChange.Context(
      id: ChangeID(log: SampleFrames.log, sequence: sequences[Int(choice) % sequences.count]),
      previous: SampleFrames.device)
  }

  static func check(_ input: UnsafeRawBufferPointer) throws(BrokenPromise) {
    var input = FuzzInput(input)
    let context = context(input.byte())
    let bytes = input.rest()
    try checkContents(bytes[...])
    if let draft = try? Draft(canonicalBytes: bytes, id: context.id, time: .zero) {
      try check(draft, id: context.id, time: .zero)
    }
    guard let sealed = try? SealedChange(bytes: bytes, context: context) else { return }
    try BrokenPromise.unless(sealed.bytes == bytes, "a change keeps its bytes")
    try BrokenPromise.unless(sealed.redacted { _ in false } == sealed, "a change has one form in bytes")
    try checkHeader(of: sealed)
    try checkRedaction(of: sealed, context)
    try checkSealing(of: sealed, context)
    try checkTexts(of: sealed.change)
    for operation in sealed.change.operations {
      if let content = operation.envelope.content.bytes { try checkContents(content) }
      if let draft = operation.draft { try check(draft, id: context.id, time: sealed.change.time) }
    }
  }

  private static func checkHeader(of sealed: SealedChange) throws(BrokenPromise) {
    let change = sealed.change
    guard let header = try? ChangeHeader(of: change.id, in: sealed.bytes) else {
      throw BrokenPromise(description: "a change has a header")
    }
    try BrokenPromise.unless(
      header.time == change.time && header.wall == change.wall && header.action == change.action
        && header.dependencies == change.dependencies, "a header says by itself what it says in the change")
  }

  private static func checkRedaction(
    of sealed: SealedChange, _ context: SealedChange.Context
  ) throws(BrokenPromise) {
    for parity: UInt32 in 0...1 {
      let redacted = sealed.redacted { $0 % 2 == parity }
      try BrokenPromise.unless(redacted.hash == sealed.hash, "a change without its contents has the same hash")
      guard let read = try? SealedChange(bytes: redacted.bytes, context: context) else {
        throw BrokenPromise(description: "a change without its contents can be read")
      }
      try BrokenPromise.unless(read == redacted, "a change without its contents is read as it was written")
    }
  }

  private static func checkSealing(
    of sealed: SealedChange, _ context: SealedChange.Context
  ) throws(BrokenPromise) {
    let change = sealed.change
    var open = OpenChange(id: change.id, time: change.time, wall: change.wall, action: change.action)
    for operation in change.operations {
      guard let draft = operation.draft else { return }
      _ = open.append(draft)
    }
    // Nobody is forbidden to send apart what this version would have joined.
    guard open.drafts.count == change.operations.count else { return }
    let again = SealedChange(sealing: open, context: context, dependencies: change.dependencies.reversed())
    try BrokenPromise.unless(again == sealed, "what a change says is sealed to that change again")
  }

  private static func check(_ draft: Draft, id: ChangeID, time: HybridTime) throws(BrokenPromise) {
    guard draft.mutation != .unknown else { return }
    let bytes = draft.canonicalBytes(id: id, time: time)
    let read = try? Draft(canonicalBytes: bytes, id: id, time: time)
    try BrokenPromise.unless(read == draft, "a draft is read as it was written")
  }

  /// All edits of the change as if they were of one text.
  private static func checkTexts(of change: Change) throws(BrokenPromise) {
    let operations = change.operations.compactMap { operation in
      TextOperation(
        operation.mutation, id: OperationID(log: change.id.log, sequence: change.id.sequence, index: operation.index),
        content: operation.envelope.content)
    }
    guard !operations.isEmpty else { return }
    let text = TextDocument(base: "one two", operations)
    let backwards = TextDocument(base: "one two", operations.reversed())
    try BrokenPromise.unless(
      text.text == backwards.text && text.count == backwards.count, "the order in which edits come does not matter")
    var grown = TextDocument(base: "one two")
    for operation in operations.inCausalOrder {
      grown.add(operation)
      grown.merge()
    }
    try BrokenPromise.unless(
      grown.text == text.text && grown.count == text.count, "a text that grew is the text that is rebuilt")
  }

  private static func checkContents(_ bytes: ArraySlice<UInt8>) throws(BrokenPromise) {
    func check<Content: Hashable>(
      _ content: Content?, _ write: (Content) -> [UInt8], _ read: (ArraySlice<UInt8>) -> Content?
    ) throws(BrokenPromise) {
      guard let content else { return }
      let written = write(content)
      let again = read(written[...])
      try BrokenPromise.unless(
        again == content && again.map(write) == written, "a content is read as it was written")
    }
    try check(MessageContent(canonicalBytes: bytes), \.canonicalBytes) { MessageContent(canonicalBytes: $0) }
    try check(FieldContent(canonicalBytes: bytes), \.canonicalBytes) { FieldContent(canonicalBytes: $0) }
    try check(AttachmentContent(canonicalBytes: bytes), \.canonicalBytes) { AttachmentContent(canonicalBytes: $0) }
    try check(ConversationContent(canonicalBytes: bytes), \.canonicalBytes) { ConversationContent(canonicalBytes: $0) }
  }

  static var seeds: [FuzzTarget.Seed] {
    let alone = SampleChanges.drafts.map { name, draft in
      FuzzTarget.Seed(name, [2] + SampleChanges.sealed([draft]).bytes)
    }
    let story = FuzzTarget.Seed("story", [2] + SampleChanges.sealed(SampleChanges.drafts.map(\.draft)).bytes)
    return alone + [story] + FuzzTarget.Seed.overlong([2] + SampleChanges.one.bytes, from: 1)
  }
}

extension Operation {
  /// The draft that it was sealed from; nil where this version would make another operation of it.
  fileprivate var draft: Draft? {
    if mutation == .unknown { return nil }
    if case .absent = envelope.content { return nil }
    let draft = Draft(kind: envelope.kind, target: envelope.target, mutation: mutation, content: envelope.content)
    return draft.span == envelope.span ? draft : nil
  }
}
