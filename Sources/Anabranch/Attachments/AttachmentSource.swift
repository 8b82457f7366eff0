internal import AnabranchCore
internal import Foundation

/// The bytes of a file that is to be attached, one piece after the other.
public protocol AttachmentSource {
  /// What the file is called.
  var name: String { get }
  /// Its media type; nil where nobody says.
  var mediaType: String? { get }
  /// The next bytes, some mebibytes at most; none at the end. Throws an ``AnabranchError`` where they cannot be read.
  mutating func read() throws -> [UInt8]
}

/// A file on the disk, read as it is attached.
public struct AttachmentFile: AttachmentSource {
  /// The last part of the path.
  public let name: String
  /// What the name's ending says.
  public let mediaType: String?
  private let path: String
  private let handle: FileHandle

  /// The file at `path`. Throws ``AnabranchError/Code/notFound`` or ``AnabranchError/Code/io``.
  public init(at path: String) throws(AnabranchError) {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw AnabranchError(.notFound, "there is no file \(path)", remedy: "check the path")
    }
    guard !isDirectory.boolValue else {
      throw AnabranchError(.invalid, "\(path) is a folder; a file was expected", remedy: "attach its files, or a zip")
    }
    // A pipe, or a device, may never end.
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let type = try? FileManager.default.attributesOfItem(atPath: target)[.type] as? FileAttributeType
    guard type == .typeRegular else {
      throw AnabranchError(
        .invalid, "\(path) is no file but a device or a pipe", remedy: "save what it gives to a file first")
    }
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw AnabranchError(.io, "\(path) cannot be read", remedy: "check its permissions")
    }
    self.path = path
    self.handle = handle
    name = URL(fileURLWithPath: path).lastPathComponent
    mediaType = MediaType.guess(forName: name)
  }

  private static let pieceBytes = 1 << 20

  /// The next mebibyte.
  public mutating func read() throws -> [UInt8] {
    do {
      return [UInt8](try handle.read(upToCount: Self.pieceBytes) ?? Data())
    } catch {
      throw AnabranchError(.io, "\(path) could not be read: \(error.localizedDescription)", remedy: "check the disk")
    }
  }
}

/// Bytes in memory.
public struct AttachmentBytes: AttachmentSource {
  /// What the file is called.
  public let name: String
  /// Its media type.
  public let mediaType: String?
  private let bytes: [UInt8]
  private var offset = 0

  /// A file called `name` with those bytes.
  public init(_ bytes: [UInt8], name: String, mediaType: String? = nil) {
    self.bytes = bytes
    self.name = name
    self.mediaType = mediaType ?? MediaType.guess(forName: name)
  }

  private static let pieceBytes = 1 << 20

  /// The next mebibyte.
  public mutating func read() throws -> [UInt8] {
    let piece = Array(bytes[offset...].prefix(Self.pieceBytes))
    offset += piece.count
    return piece
  }
}
