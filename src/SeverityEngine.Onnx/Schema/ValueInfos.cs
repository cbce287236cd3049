namespace SeverityEngine.Onnx.Schema;

/// <summary>Values to and from their messages.</summary>
static class ValueInfos
{
    public static OnnxValue Read(ValueInfoProto proto)
    {
        if (proto.Type?.TensorType is not { } tensor)
            return new OnnxValue(proto.Name);
        OnnxShape? shape = tensor.Shape is { } dims ? new OnnxShape(dims.Dim.Select(Read)) : null;
        return new OnnxValue(proto.Name, (OnnxElementType)tensor.ElemType, shape);
    }

    public static ValueInfoProto Write(OnnxValue value)
    {
        TypeProto.Types.Tensor tensor = new() { ElemType = (int)value.ElementType };
        if (value.Shape is not null)
        {
            tensor.Shape = new TensorShapeProto();
            tensor.Shape.Dim.AddRange(value.Shape.Select(Write));
        }
        return new ValueInfoProto { Name = value.Name, Type = new TypeProto { TensorType = tensor } };
    }

    static OnnxDimension Read(TensorShapeProto.Types.Dimension dim) => dim.ValueCase switch
    {
        // Some writers say -1 for a length they do not know.
        TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue =>
            dim.DimValue is >= 0 and <= int.MaxValue ? dim.DimValue : default(OnnxDimension),
        TensorShapeProto.Types.Dimension.ValueOneofCase.DimParam when dim.DimParam.Length > 0 => dim.DimParam,
        _ => default,
    };

    static TensorShapeProto.Types.Dimension Write(OnnxDimension dimension)
    {
        TensorShapeProto.Types.Dimension dim = new();
        if (dimension.IsFixed)
            dim.DimValue = dimension.Length;
        else if (dimension.Symbol is not null)
            dim.DimParam = dimension.Symbol;
        return dim;
    }
}
