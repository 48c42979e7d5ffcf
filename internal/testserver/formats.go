package testserver

// format is an annotation format.
type format struct {
	name, ext, version, dimension string
	enabled                       bool
}

func (f format) read() object {
	return object{
		{"name", f.name}, {"ext", f.ext}, {"version", f.version}, {"enabled", f.enabled}, {"dimension", f.dimension},
	}
}

// importers lists the formats that a dialect reads.
func (d Dialect) importers() []format {
	if d == V2_3 {
		return importers2_3()
	}
	return importers2_73()
}

// exporters lists the formats that a dialect writes.
func (d Dialect) exporters() []format {
	if d == V2_3 {
		return exporters2_3()
	}
	return exporters2_73()
}

// find returns the format of a name.
func findFormat(formats []format, name string) (format, bool) {
	for _, f := range formats {
		if f.name == name {
			return f, true
		}
	}
	return format{}, false
}

func importers2_3() []format {
	return []format{
		{"COCO 1.0", "JSON, ZIP", "1.0", "2d", true},
		{"COCO Keypoints 1.0", "JSON, ZIP", "1.0", "2d", true},
		{"CVAT 1.1", "XML, ZIP", "1.1", "2d", true},
		{"Datumaro 1.0", "ZIP", "1.0", "2d", true},
		{"Datumaro 3D 1.0", "ZIP", "1.0", "3d", true},
		{"LabelMe 3.0", "ZIP", "3.0", "2d", true},
		{"Segmentation mask 1.1", "ZIP", "1.1", "2d", true},
		{"MOT 1.1", "ZIP", "1.1", "2d", true},
		{"MOTS PNG 1.0", "ZIP", "1.0", "2d", true},
		{"PASCAL VOC 1.1", "ZIP", "1.1", "2d", true},
		{"TFRecord 1.0", "ZIP", "1.0", "2d", false},
		{"YOLO 1.1", "ZIP", "1.1", "2d", true},
		{"ImageNet 1.0", "ZIP", "1.0", "2d", true},
		{"CamVid 1.0", "ZIP", "1.0", "2d", true},
		{"WiderFace 1.0", "ZIP", "1.0", "2d", true},
		{"VGGFace2 1.0", "ZIP", "1.0", "2d", true},
		{"Market-1501 1.0", "ZIP", "1.0", "2d", true},
		{"ICDAR Recognition 1.0", "ZIP", "1.0", "2d", true},
		{"ICDAR Localization 1.0", "ZIP", "1.0", "2d", true},
		{"ICDAR Segmentation 1.0", "ZIP", "1.0", "2d", true},
		{"Kitti Raw Format 1.0", "ZIP", "1.0", "3d", true},
		{"Sly Point Cloud Format 1.0", "ZIP", "1.0", "3d", true},
		{"KITTI 1.0", "ZIP", "1.0", "2d", true},
		{"LFW 1.0", "ZIP", "1.0", "2d", true},
		{"Cityscapes 1.0", "ZIP", "1.0", "2d", true},
		{"Open Images V6 1.0", "ZIP", "1.0", "2d", true},
	}
}

func exporters2_3() []format {
	return []format{
		{"COCO 1.0", "ZIP", "1.0", "2d", true},
		{"COCO Keypoints 1.0", "ZIP", "1.0", "2d", true},
		{"CVAT for video 1.1", "ZIP", "1.1", "2d", true},
		{"CVAT for images 1.1", "ZIP", "1.1", "2d", true},
		{"Datumaro 1.0", "ZIP", "1.0", "2d", true},
		{"Datumaro 3D 1.0", "ZIP", "1.0", "3d", true},
		{"LabelMe 3.0", "ZIP", "3.0", "2d", true},
		{"Segmentation mask 1.1", "ZIP", "1.1", "2d", true},
		{"MOT 1.1", "ZIP", "1.1", "2d", true},
		{"MOTS PNG 1.0", "ZIP", "1.0", "2d", true},
		{"PASCAL VOC 1.1", "ZIP", "1.1", "2d", true},
		{"TFRecord 1.0", "ZIP", "1.0", "2d", false},
		{"YOLO 1.1", "ZIP", "1.1", "2d", true},
		{"ImageNet 1.0", "ZIP", "1.0", "2d", true},
		{"CamVid 1.0", "ZIP", "1.0", "2d", true},
		{"WiderFace 1.0", "ZIP", "1.0", "2d", true},
		{"VGGFace2 1.0", "ZIP", "1.0", "2d", true},
		{"Market-1501 1.0", "ZIP", "1.0", "2d", true},
		{"ICDAR Recognition 1.0", "ZIP", "1.0", "2d", true},
		{"ICDAR Localization 1.0", "ZIP", "1.0", "2d", true},
		{"ICDAR Segmentation 1.0", "ZIP", "1.0", "2d", true},
		{"Kitti Raw Format 1.0", "ZIP", "1.0", "3d", true},
		{"Sly Point Cloud Format 1.0", "ZIP", "1.0", "3d", true},
		{"KITTI 1.0", "ZIP", "1.0", "2d", true},
		{"LFW 1.0", "ZIP", "1.0", "2d", true},
		{"Cityscapes 1.0", "ZIP", "1.0", "2d", true},
		{"Open Images V6 1.0", "ZIP", "1.0", "2d", true},
	}
}

func importers2_73() []format {
	return []format{
		{"Generic TSV 1.0", "TSV", "1.0", "1d", true},
		{"CamVid 1.0", "ZIP", "1.0", "2d", true},
		{"Cityscapes 1.0", "ZIP", "1.0", "2d", true},
		{"COCO 1.0", "JSON, ZIP", "1.0", "2d", true},
		{"COCO Keypoints 1.0", "JSON, ZIP", "1.0", "2d", true},
		{"CVAT 1.1", "XML, ZIP", "1.1", "2d", true},
		{"Datumaro 1.0", "JSON, ZIP", "1.0", "2d", true},
		{"Datumaro 3D 1.0", "JSON, ZIP", "1.0", "3d", true},
		{"ICDAR Recognition 1.0", "ZIP", "1.0", "2d", true},
		{"ICDAR Localization 1.0", "ZIP", "1.0", "2d", true},
		{"ICDAR Segmentation 1.0", "ZIP", "1.0", "2d", true},
		{"ImageNet 1.0", "ZIP", "1.0", "2d", true},
		{"KITTI 1.0", "ZIP", "1.0", "2d", true},
		{"LabelMe 3.0", "ZIP", "3.0", "2d", true},
		{"LFW 1.0", "ZIP", "1.0", "2d", true},
		{"Market-1501 1.0", "ZIP", "1.0", "2d", true},
		{"Segmentation mask 1.1", "ZIP", "1.1", "2d", true},
		{"MOT 1.1", "ZIP", "1.1", "2d", true},
		{"MOTS PNG 1.0", "ZIP", "1.0", "2d", true},
		{"Open Images V6 1.0", "ZIP", "1.0", "2d", true},
		{"PASCAL VOC 1.1", "ZIP", "1.1", "2d", true},
		{"Sly Point Cloud Format 1.0", "ZIP", "1.0", "3d", true},
		{"Kitti Raw Format 1.0", "ZIP, XML", "1.0", "3d", true},
		{"VGGFace2 1.0", "ZIP", "1.0", "2d", true},
		{"WiderFace 1.0", "ZIP", "1.0", "2d", true},
		{"YOLO 1.1", "ZIP", "1.1", "2d", true},
		{"Ultralytics YOLO Detection 1.0", "ZIP", "1.0", "2d", true},
		{"Ultralytics YOLO Segmentation 1.0", "ZIP", "1.0", "2d", true},
		{"Ultralytics YOLO Oriented Bounding Boxes 1.0", "ZIP", "1.0", "2d", true},
		{"Ultralytics YOLO Pose 1.0", "ZIP", "1.0", "2d", true},
		{"Ultralytics YOLO Classification 1.0", "ZIP", "1.0", "2d", true},
	}
}

func exporters2_73() []format {
	return []format{
		{"Generic TSV 1.0", "TSV", "1.0", "1d", true},
		{"CamVid 1.0", "ZIP", "1.0", "2d", true},
		{"Cityscapes 1.0", "ZIP", "1.0", "2d", true},
		{"COCO 1.0", "ZIP", "1.0", "2d", true},
		{"COCO Keypoints 1.0", "ZIP", "1.0", "2d", true},
		{"CVAT for video 1.1", "ZIP", "1.1", "2d", true},
		{"CVAT for images 1.1", "ZIP", "1.1", "2d", true},
		{"Datumaro 1.0", "ZIP", "1.0", "2d", true},
		{"Datumaro 3D 1.0", "ZIP", "1.0", "3d", true},
		{"ICDAR Recognition 1.0", "ZIP", "1.0", "2d", true},
		{"ICDAR Localization 1.0", "ZIP", "1.0", "2d", true},
		{"ICDAR Segmentation 1.0", "ZIP", "1.0", "2d", true},
		{"ImageNet 1.0", "ZIP", "1.0", "2d", true},
		{"KITTI 1.0", "ZIP", "1.0", "2d", true},
		{"LabelMe 3.0", "ZIP", "3.0", "2d", true},
		{"LFW 1.0", "ZIP", "1.0", "2d", true},
		{"Market-1501 1.0", "ZIP", "1.0", "2d", true},
		{"Segmentation mask 1.1", "ZIP", "1.1", "2d", true},
		{"MOT 1.1", "ZIP", "1.1", "2d", true},
		{"MOTS PNG 1.0", "ZIP", "1.0", "2d", true},
		{"Open Images V6 1.0", "ZIP", "1.0", "2d", true},
		{"PASCAL VOC 1.1", "ZIP", "1.1", "2d", true},
		{"Sly Point Cloud Format 1.0", "ZIP", "1.0", "3d", true},
		{"Kitti Raw Format 1.0", "ZIP", "1.0", "3d", true},
		{"VGGFace2 1.0", "ZIP", "1.0", "2d", true},
		{"WiderFace 1.0", "ZIP", "1.0", "2d", true},
		{"YOLO 1.1", "ZIP", "1.1", "2d", true},
		{"Ultralytics YOLO Detection 1.0", "ZIP", "1.0", "2d", true},
		{"Ultralytics YOLO Detection Track 1.0", "ZIP", "1.0", "2d", true},
		{"Ultralytics YOLO Oriented Bounding Boxes 1.0", "ZIP", "1.0", "2d", true},
		{"Ultralytics YOLO Segmentation 1.0", "ZIP", "1.0", "2d", true},
		{"Ultralytics YOLO Pose 1.0", "ZIP", "1.0", "2d", true},
		{"Ultralytics YOLO Classification 1.0", "ZIP", "1.0", "2d", true},
	}
}
