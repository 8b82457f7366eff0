internal import Anabranch

/// The files of a folder or an archive that messages may refer to, by what their names begin with.
final class CollectionFiles {
  private let collection: any SourceCollection
  /// In ascending order of the last parts of their names.
  private let items: [CollectionItem]
  /// The places of those that some message refers to.
  private var referenced: Set<Int> = []

  /// The most bytes of a file: as many as are kept of one.
  private static let fileBytesMax: Int64 = 4 << 30

  /// All files of `collection` that hold no history.
  init(_ collection: any SourceCollection, without histories: [CollectionItem]) {
    self.collection = collection
    items = collection.items.filter { !histories.contains($0) }.sorted {
      $0.lastName.utf8.lexicographicallyPrecedes($1.lastName.utf8)
    }
  }

  /// Takes note that a message refers to a file.
  func refer(to file: SourceAttachment) {
    if let index = index(of: file) { referenced.insert(index) }
  }

  /// How many of `others` no message refers to.
  func unreferenced(of others: [CollectionItem]) -> Int {
    let known = Set(referenced.map { items[$0].name })
    return others.count { !known.contains($0.name) }
  }

  /// The bytes of a file that a message refers to; nil where it is not there. Throws where it cannot be read.
  func open(_ file: SourceAttachment) throws(AnabranchError) -> (any AttachmentSource)? {
    guard let index = index(of: file) else { return nil }
    guard items[index].bytes <= Self.fileBytesMax else {
      throw AnabranchError(.format, "\(items[index].name) is longer than \(Self.fileBytesMax >> 30) GiB")
    }
    return CollectionFile(try collection.source(of: items[index]), file, storedAs: items[index])
  }

  /// The first file whose name is the identifier, or goes on with a hyphen, an underscore or a dot.
  private func index(of file: SourceAttachment) -> Int? {
    let id = Array(file.id.utf8)
    guard !id.isEmpty else { return nil }
    var (low, high) = (0, items.count)
    while low < high {
      let middle = low + (high - low) / 2
      if items[middle].lastName.utf8.lexicographicallyPrecedes(id) { low = middle + 1 } else { high = middle }
    }
    return items[low...].indices.prefix { items[$0].lastName.utf8.starts(with: id) }.first { index in
      let next = items[index].lastName.utf8.dropFirst(id.count).first
      return next.map { [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")].contains($0) } ?? true
    }
  }
}

/// A file of an export, read from its beginning.
private struct CollectionFile: AttachmentSource {
  let name: String
  let mediaType: String?
  private let source: any ByteSource
  private var offset: Int64 = 0

  /// Bytes that are read at a time.
  private static let pieceBytes = 1 << 20

  init(_ source: any ByteSource, _ file: SourceAttachment, storedAs item: CollectionItem) {
    self.source = source
    name = file.name ?? String(item.lastName)
    mediaType = file.mediaType
  }

  mutating func read() throws -> [UInt8] {
    var piece = [UInt8](repeating: 0, count: Int(min(Int64(Self.pieceBytes), source.count - offset)))
    var filled = 0
    while filled < piece.count {
      let place = offset + Int64(filled)
      let got = try piece.withUnsafeMutableBytes { all in
        try source.read(at: place, into: UnsafeMutableRawBufferPointer(rebasing: all[filled...]))
      }
      if got == 0 { break }
      filled += got
    }
    offset += Int64(filled)
    return Array(piece.prefix(filled))
  }
}
