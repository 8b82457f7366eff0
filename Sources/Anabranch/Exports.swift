// Identifiers, roles and times are part of what an app handles, so that one import is enough.
@_exported public import AnabranchCore

@_exported public import struct AnabranchStore.ActionRecord
@_exported public import struct AnabranchStore.AttachmentRecord
@_exported public import struct AnabranchStore.AttachmentTotals
@_exported public import struct AnabranchStore.ChangeRecord
@_exported public import struct AnabranchStore.Conflict
@_exported public import struct AnabranchStore.Contender
@_exported public import struct AnabranchStore.ConversationRecord
@_exported public import struct AnabranchStore.ConversationSummary
@_exported public import enum AnabranchStore.ErasureProgress
@_exported public import struct AnabranchStore.ExplainedText
@_exported public import enum AnabranchStore.Facet
@_exported public import struct AnabranchStore.FieldRecord
@_exported public import struct AnabranchStore.GraphNode
@_exported public import struct AnabranchStore.LogSoundness
@_exported public import class AnabranchStore.LostChanges
@_exported public import struct AnabranchStore.MessageRecord
@_exported public import enum AnabranchStore.ObjectKind
@_exported public import enum AnabranchStore.PastPoint
@_exported public import struct AnabranchStore.PeerRecord
@_exported public import struct AnabranchStore.PurgePreview
@_exported public import struct AnabranchStore.PurgeRecord
@_exported public import struct AnabranchStore.RegisterValue
@_exported public import struct AnabranchStore.Salvage
@_exported public import struct AnabranchStore.SearchHit
@_exported public import struct AnabranchStore.StorageUse
@_exported public import struct AnabranchStore.TextBase
@_exported public import struct AnabranchStore.TextRecord
@_exported public import struct AnabranchStore.TrashedConversation
@_exported public import struct AnabranchStore.Uncounted
@_exported public import struct AnabranchStore.UndoRemainder
@_exported public import struct AnabranchStore.Verification
@_exported public import enum AnabranchWire.FrameKind
@_exported public import enum AnabranchWire.FrameSummary
@_exported public import struct AnabranchWire.RecordedFrame
@_exported public import struct AnabranchWire.RecordingEntry
