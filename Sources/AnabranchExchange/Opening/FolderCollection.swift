internal import Anabranch

/// The files of a folder and of the folders in it.
final class FolderCollection: SourceCollection {
  /// How many levels of folders are looked into, the folder itself being the first: 3.
  static let levelsMax = 3
  /// How many files and folders are looked at: 100,000.
  static let entriesMax = 100_000

  let name: String
  let items: [CollectionItem]

  /// Looks at what lies in the folder at `path`. Throws `invalid` where that is too much to be an export.
  init(path: String) throws(AnabranchError) {
    name = path
    var items: [CollectionItem] = []
    var folders = [(prefix: "", level: 1)]
    var seen = 0
    while let folder = folders.popLast() {
      for entry in try SystemCalls.names(in: folder.prefix.isEmpty ? path : "\(path)/\(folder.prefix)") {
        if CollectionItem.isClutter(entry) { continue }
        seen += 1
        guard seen <= Self.entriesMax else {
          throw AnabranchError(
            .invalid, "\(path) holds more than \(Self.entriesMax) files, which no export does",
            remedy: "give the folder that the export was unpacked to")
        }
        let relative = folder.prefix.isEmpty ? entry : "\(folder.prefix)/\(entry)"
        guard let kind = try? SystemCalls.kind(of: "\(path)/\(relative)") else { continue }
        switch kind {
        case .file(let bytes): items.append(CollectionItem(name: relative, bytes: bytes, index: items.count))
        case .directory where folder.level < Self.levelsMax: folders.append((relative, folder.level + 1))
        default: break
        }
      }
    }
    self.items = items.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  func beginning(of item: CollectionItem, bytesMax: Int) throws(AnabranchError) -> any ByteSource {
    try source(of: item)
  }

  func source(of item: CollectionItem) throws(AnabranchError) -> any ByteSource {
    try FileSource(path: "\(name)/\(item.name)")
  }
}
