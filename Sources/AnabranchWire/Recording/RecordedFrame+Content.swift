public import AnabranchCore

extension RecordedFrame {
  /// What an operation says that was written down with its frame.
  public struct Content: Hashable, Sendable {
    /// The change that it is part of, or is going to be part of; nil where the session had no name for its log.
    public var change: ChangeID?
    /// The operation's place in it.
    public var index: UInt32
    /// What the operation does; nil for words, which do not say so.
    public var kind: OperationKind?
    /// The object that it is about; nil where it makes one.
    public var target: ObjectID?
    /// What was written; nil where that is no text.
    public var text: String?
    /// How many bytes it has.
    public var bytes: Int
  }
}

extension RecordedFrame {
  /// What the frame says that somebody wrote: of changes, each content that is present, and of words the words. Empty where contents
  /// were not recorded, or cannot be read. O(bytes).
  public var written: [Content] {
    guard let contents, let frame = try? Frame(contents) else { return [] }
    switch frame {
    case .changes(let batch): return batch.runs.flatMap(written)
    case .words(let words):
      return words.pieces.map { piece in
        Content(
          change: words.change, index: piece.index, kind: nil, target: piece.object, text: piece.inserted,
          bytes: piece.inserted.utf8.count)
      }
    default: return []
    }
  }

  private func written(in run: ChangeBatch.Run) -> [Content] {
    let log = log(run.first.log)
    return run.changes.enumerated().flatMap { place, bytes -> [Content] in
      // A run ends at 2³² or before, else the frame would not have been read.
      let sequence = run.first.sequence &+ UInt32(clamping: place)
      let id = ChangeID(log: log ?? LogID(Bytes16(high: 0, low: 0)), sequence: sequence)
      // Of what it builds on nothing is needed here, since its hash is not.
      guard let sealed = try? SealedChange(bytes: bytes, context: .init(id: id, previous: .zero)) else { return [] }
      return sealed.change.operations.compactMap { operation in
        guard let content = operation.envelope.content.bytes else { return nil }
        return Content(
          change: log == nil ? nil : id, index: operation.index, kind: operation.envelope.kind,
          target: operation.envelope.target, text: Self.text(of: operation, content), bytes: content.count)
      }
    }
  }

  private func log(_ number: UInt32) -> LogID? {
    guard case .changes(let batch) = summary else { return nil }
    return batch.logs.first { $0.log.number == number }?.log.log
  }

  /// What a content says, without what it has around that.
  private static func text(of operation: Operation, _ content: ArraySlice<UInt8>) -> String? {
    switch (operation.envelope.kind, operation.mutation) {
    case (.createMessage, _), (.importMessage, _): MessageContent(canonicalBytes: content)?.text
    case (.importConversation, _): ConversationContent(canonicalBytes: content)?.title
    case (_, .writeRegister(let write)) where write.register == .fields:
      FieldContent(canonicalBytes: content).map { "\($0.name): \($0.value ?? "")" }
    case (_, .addElement(let add)) where add.set == .attachments: AttachmentContent(canonicalBytes: content)?.name
    default: String(utf8: content)
    }
  }
}
