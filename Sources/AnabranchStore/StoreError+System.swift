internal import Foundation

extension StoreError {
  /// Why the system does not do with `path` what was asked of it, as `errno` has it.
  package init(system number: Int32, path: String, cause: (any Error)? = nil) {
    let said = String(cString: strerror(number))
    switch number {
    case ENOSPC, EDQUOT:
      self.init(.diskFull, "\(path) cannot be written: \(said)", remedy: "free some space", cause: cause)
    case EEXIST, ENOTEMPTY:
      self.init(.exists, "\(path) is there already", remedy: "choose another name, or remove it", cause: cause)
    case ENOENT:
      self.init(.io, "\(path) cannot be used: \(said)", remedy: "check that its folder exists", cause: cause)
    case ENOTDIR:
      self.init(
        .io, "\(path) cannot be used: a part of it is a file, and no folder", remedy: "choose another place",
        cause: cause)
    case ENAMETOOLONG:
      self.init(.io, "\(path) cannot be used: \(said)", remedy: "choose a shorter name", cause: cause)
    case EACCES, EPERM, EROFS:
      self.init(
        .io, "\(path) cannot be used: \(said)", remedy: "check its permissions, or choose another place",
        cause: cause)
    default:
      self.init(.io, "\(path) cannot be used: \(said)", remedy: "check the disk, or choose another place", cause: cause)
    }
  }

  /// What Foundation said; nil for an error that is none of its.
  package init?(foundation error: any Error, path: String) {
    guard let number = Self.number(of: error) else { return nil }
    self.init(system: number, path: path, cause: error)
  }

  private static func number(of error: any Error) -> Int32? {
    if let error = error as? POSIXError { return error.code.rawValue }
    guard let error = error as? CocoaError else { return nil }
    if let below = error.userInfo[NSUnderlyingErrorKey] as? any Error, let number = number(of: below) { return number }
    switch error.code {
    case .fileNoSuchFile, .fileReadNoSuchFile: return ENOENT
    case .fileWriteOutOfSpace: return ENOSPC
    case .fileReadNoPermission, .fileWriteNoPermission: return EACCES
    case .fileWriteVolumeReadOnly: return EROFS
    case .fileWriteFileExists: return EEXIST
    case .fileReadInvalidFileName, .fileWriteInvalidFileName: return ENAMETOOLONG
    default: return EIO
    }
  }
}
