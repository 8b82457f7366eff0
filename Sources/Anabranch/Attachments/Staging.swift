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
    writer = try replica.withStore { (store) throws(StoreError) in try BlobWriter(store, provisional: provisional) }
    self.source = source
    self.sourceID = sourceID
  }

  /// Takes the next piece in; false at the end. Where it throws, nothing of the file is kept.
  mutating func step() throws(AnabranchError) -> Bool {
    do {
      let bytes = try source.read()
      try writer.append(bytes)
      return !bytes.isEmpty
    } catch {
      writer.abandon()
      throw AnabranchError(staging: error)
    }
  }

  /// What is to be said of the file, whose bytes are all here.
  mutating func finish() throws(AnabranchError) -> AttachmentContent {
    do {
      let outline = try writer.finish()
      return AttachmentContent(
        name: source.name, mediaType: source.mediaType, byteCount: outline.byteCount, blob: outline.id,
        sourceID: sourceID)
    } catch {
      writer.abandon()
      throw AnabranchError(error)
    }
  }
}

extension AnabranchError {
  /// Why a file could not be taken in.
  fileprivate init(staging error: any Error) {
    switch error {
    case let error as AnabranchError: self = error
    case let error as StoreError: self.init(error)
    default: self.init(.io, "the file could not be read: \(error)", remedy: "check the disk")
    }
  }
}
