internal import AnabranchCore
internal import AnabranchStore
internal import AnabranchWire

/// A file whose bytes are being taken in, before anything refers to them.
struct Staging {
  private var source: any AttachmentSource
  private var writer: BlobWriter
  /// What an import's source calls the file.
  private let sourceID: String?

  init(_ source: any AttachmentSource, _ replica: isolated Replica, sourceID: String? = nil) throws(AnabranchError) {
    try replica.checkLength(Array(source.name.utf8))
    var random = SurroundingsGenerator(surroundings: replica.surroundings)
    let provisional = Digest(head: .random(using: &random), tail: .random(using: &random))
    writer = try replica.withStore { (store) throws(StoreError) in
      try store.checkMayAttach()
      return try BlobWriter(store, provisional: provisional)
    }
    self.source = source
    self.sourceID = sourceID
  }

  /// What became of a step.
  enum Step {
    /// There is more.
    case more
    /// All of it is here.
    case done
    /// The file cannot be read on; nothing of it is kept.
    case unreadable(AnabranchError)
  }

  /// Takes the next piece in. Throws where it cannot be kept, and then nothing of the file is.
  mutating func step() throws(AnabranchError) -> Step {
    let bytes: [UInt8]
    do {
      bytes = try source.read()
    } catch {
      writer.abandon()
      return .unreadable(AnabranchError(reading: error))
    }
    do {
      try writer.append(bytes)
      return bytes.isEmpty ? .done : .more
    } catch {
      writer.abandon()
      throw AnabranchError(error)
    }
  }

  /// Keeps nothing of it.
  func abandon() { writer.abandon() }

  /// Takes all of it in at once, from where it is.
  mutating func rest() throws(AnabranchError) {
    while true {
      switch try step() {
      case .more: continue
      case .done: return
      case .unreadable(let error): throw error
      }
    }
  }

  /// What is to be said of the file, whose bytes are all here, and what keeps them until it is said.
  mutating func finish() throws(AnabranchError) -> StagedFile {
    do {
      let (outline, hold) = try writer.finish()
      let content = AttachmentContent(
        name: source.name, mediaType: source.mediaType, byteCount: outline.byteCount, blob: outline.id,
        sourceID: sourceID)
      return StagedFile(content: content, hold: hold)
    } catch {
      writer.abandon()
      throw AnabranchError(error)
    }
  }
}

/// A file whose bytes are here, and to which nothing refers yet.
struct StagedFile {
  let content: AttachmentContent
  let hold: BlobHold
}

extension AnabranchError {
  /// Why a file could not be read.
  init(reading error: any Error) {
    self =
      error as? AnabranchError
      ?? AnabranchError(.io, "the file could not be read: \(error)", remedy: "check the disk")
  }
}
