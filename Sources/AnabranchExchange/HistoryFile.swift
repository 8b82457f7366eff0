public import Anabranch

/// Opens histories from outside, whatever they are: what a file holds is told by its structure.
///
/// Known are ChatGPT's data export (a zip, a folder, or a file of conversations), OASST message trees (one a
/// line), and our own export as ``JSONLinesWriter`` writes it.
public enum HistoryFile {
  /// A reader of the history at `path`, a file or a folder.
  ///
  /// A zip is unpacked to temporary files without names, in `temporaryDirectory` or else where the system
  /// keeps what is larger than memory. Throws `not-found` if there is nothing at `path`, `format` if it is
  /// none of the known histories or cannot be unpacked, `newer` if a newer version wrote it, `disk-full`,
  /// and `io` if the system refuses.
  /// Complexity: as much is read as decides what it is; reading the history is up to the reader.
  public static func open(
    _ path: String, temporaryDirectory: String? = nil
  ) throws -> any HistoryReader {
    switch try SystemCalls.kind(of: path) {
    case .directory: return try CollectionSurvey.open(FolderCollection(path: path))
    case .file: break
    case .other:
      throw AnabranchError(
        .format, "\(path) is neither a file nor a folder", remedy: "save its contents to a file first")
    }
    let source = try FileSource(path: path)
    let head = try source.prefix(4)
    if head.starts(with: "PK".utf8) {
      let directories = temporaryDirectory.map { [$0] } ?? SystemCalls.temporaryDirectories
      return try CollectionSurvey.open(ZipArchive(path: path, spoolDirectories: directories))
    }
    try refuse(head, path)
    let shape = try shape(of: source, path)
    guard case .ownExport = shape else { return try reader(of: source, shape, path) }
    // The files of an export of ours lie in a folder beside it.
    let files = try? FolderCollection(path: path + filesSuffix)
    return JSONLinesReader(source, files: files.map { CollectionFiles($0, without: []) })
  }

  /// What is added to the name of an export of ours to name the folder with its files.
  public static let filesSuffix = ".files"

  /// A reader of `source`, which is of that shape; `name` is how errors call it.
  static func reader(
    of source: any ByteSource, _ shape: HistoryShape, _ name: String
  ) throws(AnabranchError) -> any HistoryReader {
    switch shape {
    case .chatGPT(let layout): return ChatGPTReader(source, layout: layout)
    case .emptyList: return ChatGPTReader(source, layout: .list)
    case .oasst: return OASSTReader(source)
    case .ownExport: return JSONLinesReader(source)
    case .otherJSON: throw unknown(name, "JSON of another kind")
    }
  }

  private static func shape(of source: FileSource, _ path: String) throws(AnabranchError) -> HistoryShape {
    do {
      return try ShapeReader.shape(of: source)
    } catch  where error.code == .format {
      throw unknown(path, "something that is not JSON, or damaged (\(error.message))")
    }
  }

  private static func refuse(_ head: [UInt8], _ path: String) throws(AnabranchError) {
    if head.isEmpty { throw unknown(path, "an empty file") }
    if head.starts(with: [0x1F, 0x8B]) {
      throw AnabranchError(
        .format, "\(path) is packed with gzip; conversations were expected",
        remedy: "unpack it first: gunzip FILE")
    }
  }

  private static func unknown(_ path: String, _ found: String) -> AnabranchError {
    AnabranchError(
      .format,
      "\(path) was expected to hold conversations (a ChatGPT export, OASST trees or an export of anabranch), "
        + "and \(found) was found",
      remedy: "give the zip or the folder of an export, or the file with the conversations")
  }
}
