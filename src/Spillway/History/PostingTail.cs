namespace Spillway.History;

/// <summary>The end of one topic's postings, where the next one goes.</summary>
/// <param name="At">The cell to fill.</param>
/// <param name="Left">Cells left in the slice.</param>
/// <param name="Size">Cells of the slice.</param>
internal readonly record struct PostingTail(int At, int Left, int Size);
