public import AnabranchCore

/// From a content to its shape.
extension ContentShape {
  /// The shape of the content of an operation: `whole` is all of it, what its chunks hold first; nil where a part of that is not there.
  ///
  /// `form` is the kind of operation that has a content of that form: of a purge of the past, that of what it leaves. O(bytes).
  public init(
    of operation: Operation, whole: ArraySlice<UInt8>?, form: OperationKind, by pseudonyms: Pseudonyms
  ) {
    guard operation.mutation != .chunk else {
      self = .piece
      return
    }
    let own = whole ?? operation.envelope.content.bytes ?? []
    let shape =
      whole == nil ? nil : Self.understood(operation.mutation, own, form: form, by: pseudonyms)
    self = shape ?? .opaque(pseudonyms.of(own, as: .other))
  }

  private static func understood(
    _ mutation: Mutation, _ bytes: ArraySlice<UInt8>, form: OperationKind, by pseudonyms: Pseudonyms
  ) -> ContentShape? {
    switch mutation {
    case .writeRegister(let write): value(of: write.register, bytes, pseudonyms)
    case .addElement(let add): element(of: add.set, bytes, pseudonyms)
    case .importConversation: ConversationContent(canonicalBytes: bytes).map { .conversation(.init($0, pseudonyms)) }
    case .createMessage: message(bytes, pseudonyms)
    case .importMessage: message(bytes, pseudonyms, isImported: true)
    case .appendText, .editText: text(bytes)
    case .purgePast: form == .createMessage || form == .importMessage ? message(bytes, pseudonyms) : text(bytes)
    default: nil
    }
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> ContentShape? {
    String(utf8: bytes).flatMap { count(of: $0) }.map { .text(scalars: $0) }
  }

  private static func count(of text: String) -> UInt32? {
    UInt32(exactly: text.scalarCount).flatMap { $0 <= scalarsMax ? $0 : nil }
  }

  private static func message(
    _ bytes: ArraySlice<UInt8>, _ pseudonyms: Pseudonyms, isImported: Bool = false
  ) -> ContentShape? {
    guard let said = MessageContent(canonicalBytes: bytes), let scalars = count(of: said.text) else { return nil }
    return .message(
      Message(
        scalars: scalars, text: isImported ? pseudonyms.of(said.text, as: .importedText) : nil,
        author: said.author.map { pseudonyms.of($0, as: .author) },
        model: said.model.map { pseudonyms.of($0, as: .model) },
        verbatim: said.verbatim.map { pseudonyms.of($0, as: .verbatim) }))
  }

  private static func value(
    of register: RegisterKind, _ bytes: ArraySlice<UInt8>, _ pseudonyms: Pseudonyms
  ) -> ContentShape? {
    func text(_ use: Pseudonyms.Use) -> ContentShape? {
      String(utf8: bytes) == nil ? nil : .value(pseudonyms.of(bytes, as: use))
    }
    switch register {
    case .title: return text(.title)
    case .model: return text(.model)
    case .name: return text(.deviceName)
    case .archived, .pinned:
      guard bytes.count == 1, let byte = bytes.first, byte <= 1 else { return nil }
      return .flag(byte == 1)
    case .fields:
      return FieldContent(canonicalBytes: bytes).map { field in
        .field(
          name: pseudonyms.of(field.name, as: .fieldName), value: field.value.map { pseudonyms.of($0, as: .fieldValue) }
        )
      }
    default: return nil
    }
  }

  private static func element(
    of set: SetKind, _ bytes: ArraySlice<UInt8>, _ pseudonyms: Pseudonyms
  ) -> ContentShape? {
    switch set {
    case .tags: String(utf8: bytes) == nil ? nil : .value(pseudonyms.of(bytes, as: .tag))
    case .folders: String(utf8: bytes) == nil ? nil : .value(pseudonyms.of(bytes, as: .folder))
    case .attachments: AttachmentContent(canonicalBytes: bytes).map { .attachment(.init($0, pseudonyms)) }
    default: nil
    }
  }
}

extension ContentShape.Conversation {
  fileprivate init(_ content: ConversationContent, _ pseudonyms: Pseudonyms) {
    self.init(
      title: content.title.map { pseudonyms.of($0, as: .title) },
      model: content.model.map { pseudonyms.of($0, as: .model) },
      verbatim: content.verbatim.map { pseudonyms.of($0, as: .verbatim) },
      current: content.current.map { pseudonyms.of($0.bytes, as: .object) }, archived: content.archived,
      pinned: content.pinned)
  }
}

extension ContentShape.Attachment {
  fileprivate init(_ content: AttachmentContent, _ pseudonyms: Pseudonyms) {
    self.init(
      name: pseudonyms.of(content.name, as: .fileName),
      mediaType: content.mediaType.map { pseudonyms.of($0, as: .mediaType) },
      blob: content.blob.map { pseudonyms.of($0.digest.bytes, as: .file) },
      sourceID: content.sourceID.map { pseudonyms.of($0, as: .sourceName) })
  }
}
