using System.Buffers.Binary;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Jpeg2000;

/// <summary>In which order packets come (ITU-T T.800, table A.16): layer, resolution, component, position.</summary>
enum Jpeg2000Order
{
    Lrcp,
    Rlcp,
    Rpcl,
    Pcrl,
    Cprl,
}

/// <summary>A part of a tile's packets, in one order (A.6.6).</summary>
/// <param name="FirstResolution">The first resolution.</param>
/// <param name="FirstComponent">The first component.</param>
/// <param name="LayersEnd">Behind the last layer.</param>
/// <param name="ResolutionsEnd">Behind the last resolution.</param>
/// <param name="ComponentsEnd">Behind the last component.</param>
/// <param name="Order">Their order.</param>
readonly record struct Jpeg2000Progression(
    int FirstResolution, int FirstComponent, int LayersEnd, int ResolutionsEnd, int ComponentsEnd, Jpeg2000Order Order);

/// <summary>
/// What the headers say of how a picture or a tile is coded. A component's own segment counts for more than the one for all, and a tile's
/// for more than the picture's (A.6).
/// </summary>
sealed class Jpeg2000Settings
{
    /// <summary>Progressions cost time whatever they hold; OpenJPEG reads as many.</summary>
    const int MostProgressions = 32;

    readonly string _name;
    readonly Jpeg2000ComponentSettings[] _components;
    List<Jpeg2000Progression> _progressions = [];
    readonly bool _isOfTile;
    bool _hasCoding, _hasOwnProgressions;

    public Jpeg2000Settings(int components, string name)
    {
        _name = name;
        _components = [.. Enumerable.Range(0, components).Select(_ => new Jpeg2000ComponentSettings())];
    }

    Jpeg2000Settings(Jpeg2000Settings picture)
    {
        _name = picture._name;
        _components = [.. picture._components.Select(c => c.ForTile())];
        _progressions = picture._progressions;
        (_hasCoding, _isOfTile) = (picture._hasCoding, true);
        (Order, Layers, HasColorTransform) = (picture.Order, picture.Layers, picture.HasColorTransform);
        (HasStartMarkers, HasEndMarkers) = (picture.HasStartMarkers, picture.HasEndMarkers);
    }

    public Jpeg2000Order Order { get; private set; }

    public int Layers { get; private set; }

    public bool HasColorTransform { get; private set; }

    /// <summary>Whether packets may begin with a marker.</summary>
    public bool HasStartMarkers { get; private set; }

    /// <summary>Whether packets' headers end with a marker.</summary>
    public bool HasEndMarkers { get; private set; }

    public ReadOnlySpan<Jpeg2000ComponentSettings> Components => _components;

    /// <summary>The parts that the packets come in.</summary>
    public IReadOnlyList<Jpeg2000Progression> Progressions => _progressions.Count > 0
        ? _progressions
        : [new Jpeg2000Progression(0, 0, Layers, Jpeg2000Coding.MostLevels + 1, _components.Length, Order)];

    /// <summary>A copy that a tile's own headers may change.</summary>
    public Jpeg2000Settings ForTile() => new(this);

    /// <summary>Takes in a segment.</summary>
    /// <exception cref="SeverityException">Fields that cannot be, or a form that is not read.</exception>
    public void Read(int marker, ReadOnlySpan<byte> content)
    {
        switch (marker)
        {
            case Jpeg2000Segments.Coding:
                ReadCoding(content);
                break;
            case Jpeg2000Segments.ComponentCoding:
                int coded = Component(ref content, "COC");
                Need(content.Length >= 1, "COC");
                _components[coded].SetCoding(Jpeg2000Coding.Read(content[1..], (content[0] & 1) != 0, _name), isOwn: true);
                break;
            case Jpeg2000Segments.Quantization:
                Jpeg2000Quantization quantization = Jpeg2000Quantization.Read(content, _name);
                foreach (Jpeg2000ComponentSettings component in _components)
                    component.SetQuantization(quantization, isOwn: false);
                break;
            case Jpeg2000Segments.ComponentQuantization:
                int quantized = Component(ref content, "QCC");
                _components[quantized].SetQuantization(Jpeg2000Quantization.Read(content, _name), isOwn: true);
                break;
            case Jpeg2000Segments.Region:
                int shifted = Component(ref content, "RGN");
                Need(content.Length == 2, "RGN");
                if (content[0] != 0)
                    throw ImageChecks.Unsupported(_name, $"a JPEG 2000 picture with a region of interest of style {content[0]}");
                _components[shifted].RegionShift = content[1];
                break;
            case Jpeg2000Segments.ProgressionChange:
                ReadProgressions(content);
                break;
            case Jpeg2000Segments.Capabilities:
                throw Jpeg2000Size.HighThroughputIsNotRead(_name);
        }
    }

    /// <summary>Whether all is there that decoding needs.</summary>
    public void Check()
    {
        if (!_hasCoding || _components.Any(c => c.Quantization is null))
            throw ImageChecks.Corrupt(_name, "its headers do not say how it is coded");
        foreach (Jpeg2000ComponentSettings component in _components)
        {
            if (component.Coding!.IsReversible && !component.Quantization!.IsNone)
                throw ImageChecks.Unsupported(_name, "a JPEG 2000 picture with quantization and the reversible wavelet, which is not read");
        }
        if (!HasColorTransform)
            return;
        if (_components.Length < 3)
            throw ImageChecks.Corrupt(_name, $"its header claims a color transform of {_components.Length} components");
        if (_components[1].Coding!.IsReversible != _components[0].Coding!.IsReversible
            || _components[2].Coding!.IsReversible != _components[0].Coding!.IsReversible)
        {
            throw ImageChecks.Corrupt(_name, "its colors are transformed together, but with different wavelets");
        }
    }

    void ReadCoding(ReadOnlySpan<byte> content)
    {
        Need(content.Length >= 5, "COD");
        int style = content[0];
        (HasStartMarkers, HasEndMarkers) = ((style & 2) != 0, (style & 4) != 0);
        Order = OrderOf(content[1]);
        Layers = BinaryPrimitives.ReadUInt16BigEndian(content[2..]);
        if (Layers == 0 || content[4] > 1)
            throw ImageChecks.Corrupt(_name, $"its header says {Layers} layers and color transform {content[4]}");
        HasColorTransform = content[4] == 1;
        Jpeg2000Coding coding = Jpeg2000Coding.Read(content[5..], (style & 1) != 0, _name);
        foreach (Jpeg2000ComponentSettings component in _components)
            component.SetCoding(coding, isOwn: false);
        _hasCoding = true;
    }

    void ReadProgressions(ReadOnlySpan<byte> content)
    {
        const int Length = 7;
        Need(content.Length > 0 && content.Length % Length == 0, "POC");
        if (_isOfTile && !_hasOwnProgressions)
        {
            _progressions = [];
            _hasOwnProgressions = true;
        }
        for (; content.Length > 0; content = content[Length..])
        {
            int componentsEnd = content[5] == 0 ? 256 : content[5];
            Jpeg2000Progression progression = new(content[0], content[1], BinaryPrimitives.ReadUInt16BigEndian(content[2..]), content[4],
                Math.Min(componentsEnd, _components.Length), OrderOf(content[6]));
            if (progression.ResolutionsEnd <= progression.FirstResolution || componentsEnd <= progression.FirstComponent)
                throw ImageChecks.Corrupt(_name, "its header has an empty change of progression");
            if (_progressions.Count == MostProgressions)
            {
                throw ImageChecks.Unsupported(
                    _name, $"a JPEG 2000 picture with more than {MostProgressions} progressions, which is not read");
            }
            _progressions.Add(progression);
        }
    }

    Jpeg2000Order OrderOf(byte order) =>
        order <= (byte)Jpeg2000Order.Cprl
            ? (Jpeg2000Order)order
            : throw ImageChecks.Corrupt(_name, $"its header says progression order {order}, and there are 0 to 4");

    /// <summary>The component that a segment begins with: a byte, since there are fewer than 257 of them.</summary>
    int Component(ref ReadOnlySpan<byte> content, string segment)
    {
        Need(content.Length >= 1, segment);
        int component = content[0];
        if (component >= _components.Length)
            throw ImageChecks.Corrupt(_name, $"its segment {segment} is for component {component} of {_components.Length}");
        content = content[1..];
        return component;
    }

    void Need(bool fits, string segment)
    {
        if (!fits)
            throw ImageChecks.Corrupt(_name, $"its segment {segment} has a wrong length");
    }
}

/// <summary>What the headers say of one component.</summary>
sealed class Jpeg2000ComponentSettings
{
    bool _hasOwnCoding, _hasOwnQuantization;

    public Jpeg2000Coding? Coding { get; private set; }

    public Jpeg2000Quantization? Quantization { get; private set; }

    /// <summary>By how many bits a region of interest is raised above the rest (T.800, annex H).</summary>
    public int RegionShift { get; set; }

    public Jpeg2000ComponentSettings ForTile() => new() { Coding = Coding, Quantization = Quantization, RegionShift = RegionShift };

    public void SetCoding(Jpeg2000Coding coding, bool isOwn)
    {
        if (isOwn || !_hasOwnCoding)
            (Coding, _hasOwnCoding) = (coding, isOwn);
    }

    public void SetQuantization(Jpeg2000Quantization quantization, bool isOwn)
    {
        if (isOwn || !_hasOwnQuantization)
            (Quantization, _hasOwnQuantization) = (quantization, isOwn);
    }
}
