using System.Security.Cryptography;

namespace Spillway.Events;

/// <summary>AES-128 over single blocks, for one thread: what is made once for a key is kept, so that a block costs no memory.</summary>
internal sealed class CursorCipher
{
    /// <summary>Bytes of a block.</summary>
    public const int BlockLength = 16;

    private readonly ICryptoTransform _encrypt;
    private readonly ICryptoTransform _decrypt;
    private readonly byte[] _from = new byte[BlockLength];
    private readonly byte[] _to = new byte[BlockLength];

    public CursorCipher(byte[] key)
    {
        using var aes = Aes.Create();
        aes.Key = key;
        aes.Mode = CipherMode.ECB; // Every text is one block: there is nothing to chain.
        aes.Padding = PaddingMode.None;
        (_encrypt, _decrypt) = (aes.CreateEncryptor(), aes.CreateDecryptor()); // Freed by their finalizers: a thread does not say when it ends.
    }

    public void Encrypt(Span<byte> block) => Transform(_encrypt, block);

    public void Decrypt(Span<byte> block) => Transform(_decrypt, block);

    private void Transform(ICryptoTransform transform, Span<byte> block)
    {
        block.CopyTo(_from);
        transform.TransformBlock(_from, 0, BlockLength, _to, 0);
        _to.CopyTo(block);
    }
}
