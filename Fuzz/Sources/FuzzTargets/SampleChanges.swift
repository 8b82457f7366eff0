internal import AnabranchCore
internal import AnabranchWire

/// An operation of each kind, with something in each of its fields.
enum SampleChanges {
  private static let seen = Dependency(
    change: ChangeID(log: SampleFrames.other, sequence: 7), hash: Bytes16(high: 11, low: 12))
  private static let before = OperationID(log: SampleFrames.log, sequence: 298, index: 3)
  private static let elsewhere = OperationID(log: SampleFrames.other, sequence: 6, index: 0)
  private static let time = HybridTime(milliseconds: 1_700_000_000_000, counter: 5)

  /// A change that writes a message.
  static var one: SealedChange { sealed([drafts[1].draft]) }

  /// `drafts` as change 300 of a log.
  static func sealed(_ drafts: [Draft]) -> SealedChange {
    let context = ChangesTarget.context(2)
    var open = OpenChange(id: context.id, time: time, wall: time.milliseconds + 3, action: 299)
    for draft in drafts { _ = open.append(draft) }
    return SealedChange(sealing: open, context: context, dependencies: [seen])
  }

  static var drafts: [(name: String, draft: Draft)] {
    let target = ObjectID.native(before)
    let imported = ObjectID.imported(Bytes16(high: 13, low: 14))
    func saying(_ bytes: [UInt8]) -> Content {
      .present(salt: Bytes16(high: 15, low: 16), bytes: bytes[...])
    }
    func draft(_ kind: OperationKind, _ mutation: Mutation, on target: ObjectID?, _ content: Content = .none) -> Draft {
      Draft(kind: kind, target: target, mutation: mutation, content: content)
    }
    let message = CreateMessage(
      parents: [imported, .native(elsewhere)], line: .named(imported), role: .assistant,
      created: time.milliseconds - 9, length: 5, chunks: [before])
    let words = MessageContent(text: "Grüße", author: "browser", model: "m-1", verbatim: #"{"k":1}"#)
    let conversation = ConversationContent(
      title: "東京", current: Bytes16(high: 1, low: 1), model: "m-1", verbatim: "{}", archived: true, pinned: true)
    let attachment = AttachmentContent(name: "a.png", mediaType: "image/png", sourceID: "file-1")
    let edits = [TextEdit(.insert, at: 3, count: 2), TextEdit(.deleteForward, at: 0, count: 1)]
    let word = RecoveryWord(key: SampleFrames.device, signature: [UInt8](repeating: 7, count: 64))
    let space = Bytes16(high: 17, low: 18)
    return [
      ("create-conversation", draft(.createConversation, .createConversation(CreateConversation(created: 5)), on: nil)),
      ("create-message", draft(.createMessage, .createMessage(message), on: target, saying(words.canonicalBytes))),
      (
        "append-text",
        draft(
          .appendText, .appendText(AppendText(predecessors: [before], position: 7, length: 3)), on: target,
          saying(Array("abc".utf8)))
      ),
      (
        "edit-text",
        draft(
          .editText, .editText(EditText(text: .body, predecessors: [elsewhere], edits: edits)), on: target,
          saying(Array("né".utf8)))
      ),
      (
        "write-register",
        draft(
          .writeRegister, .writeRegister(WriteRegister(register: .fields, predecessors: [before])), on: imported,
          saying(FieldContent(name: "colour", value: "blue").canonicalBytes))
      ),
      (
        "add-element",
        draft(
          .addElement, .addElement(AddElement(set: .attachments)), on: imported, saying(attachment.canonicalBytes))
      ),
      (
        "remove-element",
        draft(.removeElement, .removeElement(RemoveElement(set: .tags, additions: [before, elsewhere])), on: imported)
      ),
      ("trash", draft(.trash, .trash, on: imported)),
      ("restore", draft(.restore, .restore, on: imported)),
      (
        "import-conversation",
        draft(
          .importConversation,
          .importConversation(ImportConversation(created: 1, updated: time.milliseconds, chunks: [before])),
          on: imported, saying(conversation.canonicalBytes))
      ),
      (
        "import-message",
        draft(
          .importMessage,
          .importMessage(ImportMessage(message: space, updated: nil, base: message)), on: imported,
          saying(words.canonicalBytes))
      ),
      ("chunk", draft(.chunk, .chunk, on: nil, saying([1, 2, 3]))),
      ("purge", draft(.purge, .purge(Purge(isImmediate: true)), on: imported)),
      ("receipt", draft(.receipt, .receipt(PurgeReceipt(purges: [before])), on: nil)),
      ("mark-read", draft(.markRead, .markRead(MarkRead(messages: [elsewhere])), on: imported)),
      (
        "purge-past",
        draft(
          .purgePast, .purgePast(PurgePast(of: before, runs: [0, 2, 3], isImmediate: false, chunks: [elsewhere])),
          on: target)
      ),
      ("withdraw", draft(.withdraw, .withdraw(Withdraw(operations: [before])), on: target)),
      ("reinstate", draft(.reinstate, .reinstate(Reinstate(withdrawals: [before])), on: target)),
      (
        "regain-text",
        draft(
          .regainText,
          .regainText(
            RegainText(
              operation: before,
              origins: [
                TextOrigin(operation: elsewhere, offset: 1, count: 2), TextOrigin(operation: nil, offset: 0, count: 3),
              ])), on: target)
      ),
      ("undo", draft(.undo, .undo(UndoActions(actions: [before])), on: nil)),
      ("enrol", draft(.enrol, .enrol(Enrol(SampleFrames.device, into: space, as: .owner, recovery: word)), on: nil)),
      (
        "restrict",
        draft(.restrict, .restrict(Restrict(SampleFrames.device, in: space, to: .reader, after: [seen])), on: nil)
      ),
      ("adopt", draft(.adopt, .adopt(Adopt([seen], into: space)), on: nil)),
    ]
  }
}
