import AnabranchCore
import AnabranchWire

/// The inputs behind the test vectors of `docs/format.md`, and what the code makes of them.
struct FormatVectors {
  /// Name and hexadecimal digits of each vector; `none` for no bytes at all.
  private(set) var values: [String: String] = [:]

  private static let time = HybridTime(milliseconds: 1_700_000_000_000, counter: 2)
  private static let salt = fixed(0xa0)
  private static let headerA = LogHeader.device(key: digest(0x00), nonce: fixed(0x20))
  private static let headerB = LogHeader.device(key: digest(0x40), nonce: fixed(0x60))
  private static let source = Hashing.imported(source: "chatgpt", path: ["c1"])
  private static let sourceMessage = Hashing.imported(source: "chatgpt", path: ["c1", "m1"])

  /// Sixteen bytes that count up from `first`.
  static func fixed(_ first: UInt8) -> Bytes16 {
    var value: (UInt64, UInt64) = (0, 0)
    for offset in UInt8(0)..<8 {
      value.0 = value.0 << 8 | UInt64(first + offset)
      value.1 = value.1 << 8 | UInt64(first + 8 + offset)
    }
    return Bytes16(high: value.0, low: value.1)
  }

  /// Thirty-two bytes that count up from `first`.
  static func digest(_ first: UInt8) -> Digest {
    Digest(head: fixed(first), tail: fixed(first + 16))
  }

  init() {
    addPrimitives()
    addNames()
    addHashes()
    let (first, second) = addChanges()
    addState(first, second)
    addFrames(first)
    addRecording()
    addBundle(Self.headerA, first)
  }

  mutating func add(_ name: String, _ bytes: some Sequence<UInt8>) {
    let digits = Hexadecimal.encode(bytes)
    values[name] = digits.isEmpty ? "none" : digits
  }

  private mutating func addPrimitives() {
    for value in [0, 1, 127, 128, 300, UInt64(UInt32.max), .max] {
      var writer = ByteWriter()
      writer.write(varint: value)
      add("varint.\(value)", writer.bytes)
    }
    for value in [0, -1, 1, -64, 64, Int64.max, .min] {
      var writer = ByteWriter()
      writer.write(zigzag: value)
      add("zigzag.\(value)", writer.bytes)
    }
    var writer = ByteWriter()
    writer.write(counted: Array("né".utf8))
    add("text.né", writer.bytes)
  }

  private mutating func addNames() {
    for (name, header) in [("device", Self.headerA), ("second", Self.headerB)] {
      add("log.\(name).header", header.canonicalBytes)
      add("log.\(name).founding", header.foundingHash.bytes)
      add("log.\(name).id", header.log.bytes.bytes)
    }
    let branch = LogHeader.branch(of: Self.headerA.log, first: 7, hash: Self.digest(0x80))
    add("log.branch.header", branch.canonicalBytes)
    add("log.branch.founding", branch.foundingHash.bytes)
    for (sequence, index) in [(UInt32(1), UInt32(0)), (2, 0), (3, 5), (.max, ObjectID.indexMax)] {
      let id = OperationID(log: Self.headerA.log, sequence: sequence, index: index)
      add("printed.\(sequence).\(index)", ObjectID.native(id).printed.bytes)
    }
    add("imported.c1", Self.source.bytes)
    add("imported.c1.m1", Self.sourceMessage.bytes)
  }

  private mutating func addHashes() {
    let leaves = (UInt8(0)..<5).map { Hashing.hash(.leaf, [$0]) }
    add("leaf.0", leaves[0].bytes)
    for count in [1, 2, 3, 5] { add("root.\(count)", Hashing.merkleRoot(Array(leaves.prefix(count))).bytes) }
    let message = MessageContent(text: "né", author: "web", model: "m-1", verbatim: "{}")
    add("content.message", message.canonicalBytes)
    add("content.message.hash", Hashing.content(salt: Self.salt, bytes: message.canonicalBytes[...]).bytes)
    let conversation = ConversationContent(
      title: "t", current: Self.sourceMessage, model: "m-1", verbatim: "{}", archived: true, pinned: true)
    add("content.conversation", conversation.canonicalBytes)
    add("content.field", FieldContent(name: "state", value: "né").canonicalBytes)
    let file = AttachmentContent(
      name: "né.png", mediaType: "image/png", byteCount: 300, blob: BlobID(Self.digest(0x80)), sourceID: "file-1")
    add("content.attachment", file.canonicalBytes)
    add("space", RecoveryWord.space(of: Self.digest(0x80)).bytes)
    add("recovery.enrol", RecoveryWord.signedHash(of: Self.enrol).bytes)
    add("recovery.restrict", RecoveryWord.signedHash(of: Self.restrict).bytes)
    for count in [0, 3, Limits.blockBytes + 1] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
      let blocks = stride(from: 0, to: count, by: Limits.blockBytes).map { start in
        BlobOutline.hash(ofBlock: bytes[start..<min(start + Limits.blockBytes, count)])
      }
      if let outline = BlobOutline(byteCount: UInt64(count), blocks: blocks) {
        add("blob.\(count)", outline.id.digest.bytes)
      }
    }
  }

  /// A change that starts a conversation, and one on another device with an operation of each kind.
  private mutating func addChanges() -> (SealedChange, SealedChange) {
    let (a, b) = (Self.headerA.log, Self.headerB.log)
    let firstID = ChangeID(log: a, sequence: 1)
    var open = OpenChange(id: firstID, time: Self.time, wall: Self.time.milliseconds - 3, action: 1)
    _ = open.append(
      Draft(
        kind: .createConversation, target: nil,
        mutation: .createConversation(CreateConversation(created: Self.time.milliseconds))))
    let first = SealedChange(
      sealing: open, context: .init(id: firstID, previous: Self.headerA.foundingHash), dependencies: [])
    add("change.first", first.bytes)
    add("change.first.hash", first.hash.bytes)
    add("change.first.signed", Checkpoint.signedHash(of: firstID, hash: first.hash).bytes)

    let context = SealedChange.Context(
      id: ChangeID(log: b, sequence: 1), previous: Self.headerB.foundingHash)
    open = OpenChange(id: context.id, time: Self.time, wall: Self.time.milliseconds, action: 1)
    for draft in Self.drafts(conversation: OperationID(log: a, sequence: 1, index: 0), own: context.id) {
      _ = open.append(draft)
    }
    let second = SealedChange(
      sealing: open, context: context,
      dependencies: [Dependency(change: firstID, hash: first.hash.head)])
    for operation in second.change.operations {
      add("structure.\(operation.envelope.kind.rawValue)", operation.envelope.structure)
    }
    add("change.second", second.bytes)
    add("change.second.hash", second.hash.bytes)
    add("change.second.redacted", second.redacted { _ in true }.bytes)
    return (first, second)
  }

  private static let enrol = Enrol(
    digest(0x40), into: fixed(0x20), as: .owner,
    recovery: RecoveryWord(key: digest(0x80), signature: [UInt8](repeating: 0xcc, count: 64)))
  private static let restrict = Restrict(
    digest(0x40), in: fixed(0x20), to: .reader,
    after: [Dependency(change: ChangeID(log: headerB.log, sequence: 300), hash: fixed(0xc0))])

  private static func drafts(conversation: OperationID, own: ChangeID) -> [Draft] {
    func present(_ text: String) -> Content { .present(salt: salt, bytes: Array(text.utf8)[...]) }
    func operation(_ index: UInt32) -> OperationID {
      OperationID(log: own.log, sequence: own.sequence, index: index)
    }
    let (target, created) = (ObjectID.native(conversation), time.milliseconds)
    let message = CreateMessage(
      parents: [.imported(sourceMessage)], line: .named(target), role: .user, created: created + 1, length: 2,
      chunks: [operation(0)])
    let base = CreateMessage(parents: [], line: .continued, role: .assistant, created: created - 1, length: 1)
    return [
      Draft(kind: .chunk, target: target, mutation: .chunk, content: present("\u{1}\u{2}n")),
      Draft(kind: .createMessage, target: target, mutation: .createMessage(message), content: present("o")),
      Draft(
        kind: .appendText, target: .native(operation(1)),
        mutation: .appendText(AppendText(predecessors: [operation(1)], position: 2, length: 3)),
        content: present("yes")),
      Draft(
        kind: .writeRegister, target: target,
        mutation: .writeRegister(WriteRegister(register: .title, predecessors: [conversation])),
        content: present("t")),
      Draft(
        kind: .addElement, target: target, mutation: .addElement(AddElement(set: .tags)),
        content: present("red")),
      Draft(
        kind: .removeElement, target: target,
        mutation: .removeElement(RemoveElement(set: .tags, additions: [operation(6)]))),
      Draft(kind: .trash, target: target, mutation: .trash),
      Draft(kind: .restore, target: target, mutation: .restore),
      Draft(kind: .purge, target: target, mutation: .purge(Purge(isImmediate: true))),
      Draft(
        kind: .receipt, target: nil,
        mutation: .receipt(PurgeReceipt(purges: [operation(10)]))),
      Draft(
        kind: .purgePast, target: .native(operation(1)),
        mutation: .purgePast(PurgePast(of: operation(2), gone: [1..<3], count: 3, isImmediate: true)),
        content: present("y")),
      Draft(kind: .markRead, target: target, mutation: .markRead(MarkRead(messages: [operation(1)]))),
      Draft(
        kind: .importConversation, target: .imported(source),
        mutation: .importConversation(
          ImportConversation(created: nil, updated: created, chunks: [operation(0)])),
        content: present("o")),
      Draft(
        kind: .importMessage, target: .imported(source),
        mutation: .importMessage(ImportMessage(message: sourceMessage, updated: nil, base: base)),
        content: present("\u{1}\u{1}n")),
      Draft(
        kind: .editText, target: .native(operation(1)),
        mutation: .editText(
          EditText(
            text: .body, predecessors: [operation(2)],
            edits: [
              TextEdit(.insert, at: 5, count: 1), TextEdit(.deleteBackward, at: 2, count: 3),
              TextEdit(.deleteForward, at: 0, count: 1),
            ])),
        content: present("!")),
      Draft(kind: .withdraw, target: target, mutation: .withdraw(Withdraw(operations: [operation(5)]))),
      Draft(kind: .reinstate, target: target, mutation: .reinstate(Reinstate(withdrawals: [operation(17)]))),
      Draft(
        kind: .regainText, target: .native(operation(1)),
        mutation: .regainText(
          RegainText(
            operation: operation(16),
            origins: [
              TextOrigin(operation: nil, offset: 0, count: 2), TextOrigin(operation: operation(2), offset: 1, count: 3),
            ]))),
      Draft(kind: .undo, target: nil, mutation: .undo(UndoActions(actions: [conversation]))),
      Draft(kind: .enrol, target: nil, mutation: .enrol(enrol)),
      Draft(kind: .restrict, target: nil, mutation: .restrict(restrict)),
      Draft(kind: .adopt, target: nil, mutation: .adopt(Adopt(restrict.last, into: fixed(0x20)))),
      Draft(kind: OperationKind(rawValue: 300), target: nil, mutation: .unknown),
    ]
  }

  private mutating func addState(_ first: SealedChange, _ second: SealedChange) {
    let (a, b) = (first.change.id.log, second.change.id.log)
    let conversation = OperationID(log: a, sequence: 1, index: 0)
    let own = OperationID(log: b, sequence: 1, index: 1)
    let hash = Self.digest(0x80)
    let base = CreateMessage(
      parents: [.imported(Self.sourceMessage)], line: .named(.native(conversation)), role: .user, created: 5,
      length: 2, chunks: [own])
    let items: [(String, StateItem)] = [
      ("1", .conversation(.native(conversation), created: 5)),
      (
        "2",
        .source(
          .imported(Self.source), ImportConversation(created: nil, updated: 7, chunks: [own]), content: hash)
      ),
      ("3", .message(.native(own), of: .native(conversation), base, updated: nil, content: hash)),
      (
        "4",
        .append(
          own, to: .imported(Self.sourceMessage),
          AppendText(predecessors: [conversation], position: 2, length: 3),
          time: Self.time, content: hash)
      ),
      ("5", .register(.native(conversation), .title, own, time: Self.time, content: hash)),
      ("6", .element(.native(conversation), .tags, own, content: hash)),
      (
        "7",
        .deletion(
          .native(conversation), Deletion(operation: own, seen: VersionVector([(a, UInt32(1))])))
      ),
      ("8", .activity(.native(conversation), own)),
      (
        "9",
        .edit(
          own, of: .native(conversation),
          EditText(text: .notes, predecessors: [own], edits: [TextEdit(.insert, at: 5, count: 1)]),
          time: Self.time, content: hash)
      ),
      ("10", .purge(.native(conversation), own)),
      ("11", .read(.native(conversation), own)),
      (
        "12",
        .purgePast(
          own, in: .native(conversation),
          PurgePast(of: own, gone: [2..<5], count: 7, isImmediate: false, chunks: [own]), content: hash)
      ),
      (
        "13",
        .withdrawal(
          .native(conversation),
          Withdrawal(operation: own, seen: VersionVector([(a, UInt32(1))]), operations: [conversation]))
      ),
      ("14", .reinstatement(.native(conversation), own)),
    ]
    var sum = StateHash()
    add("state.empty", StateHash.state(items: sum).bytes)
    for (name, item) in items {
      add("item.\(name)", item.hash.digest.bytes)
      sum.add(item.hash)
    }
    add("state.sum", sum.digest.bytes)
    add("state.hash", StateHash.state(items: sum).bytes)
    add(
      "heads",
      StateHash.log(heads: [
        (log: b, head: LogHead(sequence: 1, hash: second.hash)),
        (log: a, head: LogHead(sequence: 1, hash: first.hash)),
      ]).bytes)
  }

  /// The device with key `00…` goes on with the message of change 2 of its log, of which "né" was told.
  private static func words(_ log: LogID) -> Words {
    let message = OperationID(log: log, sequence: 2, index: 0)
    let piece = Words.Piece(
      index: 5, object: .native(message), text: .body, predecessors: [message],
      edits: [TextEdit(.insert, at: 7, count: 4)], start: 2, inserted: "e!")
    return Words(device: digest(0), change: ChangeID(log: log, sequence: 3), counter: 300, pieces: [piece])
  }

  private mutating func addFrames(_ first: SealedChange) {
    let log = first.change.id.log
    let position = LogPosition(log: 0, sequence: 1)
    let frames: [(String, Frame)] = [
      (
        "hello",
        .hello(
          Hello(device: Self.digest(0), log: log, name: "né", semanticsLevel: 1, credit: 300))
      ),
      ("have", .have([HeldLog(log: log, sequence: 1, hash: first.hash.head)])),
      ("logs", .logs([Self.headerA])),
      ("logs.branch", .logs([.branch(of: log, first: 300, hash: Self.digest(0x40))])),
      (
        "changes",
        .changes(
          ChangeBatch(
            runs: [.init(first: position, changes: [first.bytes])],
            signatures: [.init(at: position, signature: [UInt8](repeating: 0xcc, count: 64))]))
      ),
      ("acknowledge", .acknowledge([position])), ("credit", .credit(300)), ("ping", .ping(300)),
      ("pong", .pong(300)), ("close", .close(Closing(.done, "né"))), ("words", .words(Self.words(log))),
      (
        "fork",
        .fork(
          ForkProbe(
            log: log, points: [.init(sequence: 1, hash: first.hash.head), .init(sequence: 300, hash: Self.fixed(0x20))])
        )
      ),
    ]
    addBlobFrames()
    addPairingFrames()
    for (name, frame) in frames { add("frame.\(name)", frame.canonicalBytes) }
  }

  private mutating func addPairingFrames() {
    let frames: [(String, PairingFrame)] = [
      ("welcome", .welcome(name: "né", role: .writer)), ("request", .request(name: "né")),
      ("grant", .grant(space: Self.fixed(0x20), role: .writer)), ("denial", .denial(reason: "né")), ("joined", .joined),
    ]
    for (name, frame) in frames { add("frame.pairing.\(name)", Frame.pairing(frame).canonicalBytes) }
  }

  private mutating func addBlobFrames() {
    let blob = BlobID(Self.digest(0x80))
    let frames: [(String, BlobFrame)] = [
      ("wants", .wants([blob])),
      ("offers", .offers(BlobOffers(isAnswer: true, blobs: [BlobOffer(blob: blob, byteCount: 300)]))),
      ("request.outline", .request(blob, .outline)), ("request.block", .request(blob, .block(2))),
      ("outline", .outline(blob, [Self.digest(0x40)])), ("block", .block(blob, 2, [1, 2, 3])),
      ("lacks", .lacks(blob)),
    ]
    for (name, frame) in frames { add("frame.\(name)", Frame.blob(frame).canonicalBytes) }
  }
}
